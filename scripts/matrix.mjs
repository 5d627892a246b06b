/**
 * `npm run matrix`: the package in every runtime that it is for. Needs Node >= 20 and npm; all else comes from the registry, once.
 *
 *     npm run matrix                                     smoke: Node 20, 22, 24, 26, Bun, Deno, React Native
 *     npm run matrix -- --node 22,26 --runtime bun       only those
 *     npm run matrix -- --suite full --node 22,24,26     the project's own tests in these
 *     npm run matrix -- --axios all                      the tests of the axios client on each minor of axios
 *     npm run matrix -- --axios 1.8.2,1.15.0             on these
 *
 * What cannot be had is said, and with CI=1 it is a failure.
 */
import { parseArgs } from 'node:util'
import { lastLines, NotAvailable } from './matrix/cache.mjs'
import { app, declared, packed } from './matrix/package.mjs'
import { reactNative, reactNativeName } from './matrix/react-native.mjs'
import { runtime } from './matrix/runtimes.mjs'
import { smoke } from './matrix/smoke.mjs'
import { axiosVersions, full, onAxios } from './matrix/vitest-runs.mjs'

const NODES = ['20', '22', '24', '26']
const RUNTIMES = ['bun', 'deno', 'react-native']

const options = readOptions()
const rows = []
for (const { name, what, run } of plan()) rows.push(await attempt(name, what, run))
report(rows)

/** What is to be run, as rows: each finds its runtime by itself, so that one that is missing does not stop the others. */
function* plan() {
  const { node, runtimes, axios, suite, tarball } = options
  if (suite === 'full')
    for (const version of node) yield { name: `node ${version}`, what: 'full', run: () => full(runtime('node', version)) }
  for (const version of axios) {
    yield { name: `axios ${version}`, what: 'its tests', run: () => onAxios(runtime('node', process.versions.node.split('.')[0]), version) }
  }
  if (suite !== 'smoke') return
  const file = tarball ?? packed()
  const project = app(file, declared())
  for (const version of node) yield { name: `node ${version}`, what: 'smoke', run: () => smoked(runtime('node', version), project) }
  for (const kind of runtimes) {
    if (kind === 'react-native') yield { name: reactNativeName, what: 'Metro, Hermes', run: () => reactNative(file) }
    else yield { name: kind, what: 'smoke', run: () => smoked(runtime(kind), project) }
  }
}

function smoked(found, project) {
  return { name: found.name, ...smoke(found, project) }
}

async function attempt(name, what, run) {
  const startedAt = performance.now()
  const result = await Promise.resolve()
    .then(run)
    .catch((error) => {
      if (error instanceof NotAvailable) return { passed: 0, failures: [], missing: error.message }
      return { passed: 0, failures: [error.stack] }
    })
  const seconds = (performance.now() - startedAt) / 1000
  for (const failure of result.failures) console.error(`\n!!! ${name}: ${failure}`)
  if (result.missing) console.error(`\n!!! ${name.toUpperCase()} IS NOT AVAILABLE: ${result.missing}\n`)
  return { name, what, seconds, ...result }
}

function report(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length))
  console.log()
  for (const { name, what, seconds, passed, failures, missing } of rows) {
    const counts = missing ? `not available: ${lastLines(missing, 1)}` : `${passed} passed, ${failures.length} failed`
    console.log(`${name.padEnd(width)}  ${what.padEnd(13)}  ${seconds.toFixed(1).padStart(6)} s  ${counts}`)
  }
  const missing = rows.filter((row) => row.missing).length
  const total = (count) => rows.reduce((sum, row) => sum + count(row), 0)
  const failed = total(({ failures }) => failures.length) + (process.env.CI ? missing : 0)
  if (missing > 0) console.log(`${missing} not available`)
  console.log(`${total(({ passed }) => passed)} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      node: { type: 'string' },
      runtime: { type: 'string' },
      axios: { type: 'string' },
      suite: { type: 'string' },
      tarball: { type: 'string' },
    },
  })
  const list = (text) => text?.split(',').filter(Boolean)
  // Who names one thing wants that, and not all the rest besides.
  const narrowed = values.node !== undefined || values.runtime !== undefined
  const chosen = {
    node: list(values.node) ?? (narrowed ? [] : NODES),
    runtimes: list(values.runtime) ?? (narrowed ? [] : RUNTIMES),
    axios: values.axios === 'all' ? axiosVersions() : (list(values.axios) ?? []),
    suite: values.suite ?? (values.axios && !narrowed ? 'none' : 'smoke'),
    tarball: values.tarball,
  }
  const unknown = chosen.runtimes.find((name) => !RUNTIMES.includes(name))
  if (unknown) throw new TypeError(`--runtime: expected ${RUNTIMES.join('|')}, got '${unknown}'`)
  if (!['smoke', 'full', 'none'].includes(chosen.suite)) throw new TypeError(`--suite: expected smoke|full, got '${chosen.suite}'`)
  return chosen
}
