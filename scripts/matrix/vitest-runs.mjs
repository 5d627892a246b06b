import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { installed, root, run } from './cache.mjs'
import { temporaryFolder } from './package.mjs'

const VITEST = join(root, 'node_modules/vitest/vitest.mjs')

/** Runs vitest in a Node; gives how many tests have passed, and which failed. */
function vitest({ program }, args, env) {
  const report = join(temporaryFolder(), 'report.json')
  const { ok, output } = run(program, [VITEST, 'run', ...args, '--reporter=json', `--outputFile.json=${report}`], {
    env,
    timeoutMs: 3_600_000,
  })
  const results = read(report)
  if (!results) return { passed: 0, failures: [output.slice(-2000)] }
  const failures = results.testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    // A file that does not load has no tests.
    if (assertionResults.length === 0) return [`${name}: ${message}`]
    return failed.map(({ fullName, failureMessages }) => `${name}: ${fullName}: ${failureMessages[0]}`)
  })
  // An error outside of any test.
  if (!ok && failures.length === 0) failures.push(output.slice(-2000))
  return { passed: results.numPassedTests, failures }
}

/** The tests of the sources, and those on the oldest axios, in a Node. */
export const full = (node) => vitest(node, ['--project', 'node', '--project', 'oldest axios'])

/** The tests of the axios client, and those before a real authorization server, on one version of axios. */
export function onAxios(node, version) {
  const axios = join(installed(`axios-${version}`, [`axios@${version}`]), 'node_modules/axios')
  return vitest(node, ['--config', join(root, 'scripts/matrix/vitest.axios.config.mjs')], { AXIOS: axios })
}

/** The newest release of each minor of axios from the oldest that is supported, that one too. */
export function axiosVersions() {
  const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const oldest = peerDependencies.axios.replace('^', '')
  const { stdout } = run('npm', ['view', 'axios', 'versions', '--json', '--loglevel=error'])
  const order = (version) => version.split('.').map(Number)
  const byMinor = new Map()
  for (const version of JSON.parse(stdout)) {
    const [major, minor, patch] = order(version)
    const [leastMajor, leastMinor, leastPatch] = order(oldest)
    const tooOld = major - leastMajor || minor - leastMinor || patch - leastPatch
    if (/^\d+\.\d+\.\d+$/.test(version) && tooOld >= 0) byMinor.set(`${major}.${minor}`, version)
  }
  return [...new Set([oldest, ...byMinor.values()])]
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}
