import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installed, NotAvailable, run } from './cache.mjs'
import { app } from './package.mjs'
import { runtime } from './runtimes.mjs'
import { judged } from './smoke.mjs'

const VERSION = '0.88.1'
const SPECS = [
  `react-native@${VERSION}`,
  `@react-native/metro-config@${VERSION}`,
  `@react-native/babel-preset@${VERSION}`,
  'metro@0.87.1',
  'axios@latest',
  'async-mutex@^0.5.0',
  'axios-retry@^4.5.0',
  // The compiler of that version, and the newest Hermes that can run a program on its own.
  'hermes-compiler@260318099.0.5',
  'hermes-engine-cli@0.12.0',
]
const BIN = { linux: 'linux64-bin', darwin: 'osx-bin', win32: 'win64-bin' }[process.platform]

const BUNDLER = `
const Metro = require('metro')
Metro.loadConfig({ cwd: __dirname, config: __dirname + '/metro.config.cjs' })
  .then((config) => Metro.runBuild(config, { entry: 'src/main.js', out: __dirname + '/bundle.js', platform: 'ios', dev: false, minify: false }))
  .catch((error) => {
    console.error(error)
    process.exitCode = 1
  })
`

/** The name of what runs, with its version. */
export const reactNativeName = `react-native ${VERSION}`

/** Bundles by Metro, compiles by the compiler of that React Native, and runs in Hermes; each is a check. */
export function reactNative(tarball) {
  const base = installed('react-native', SPECS)
  // Metro wants a newer Node than the library.
  const { program } = runtime('node', '22')
  const folder = app(tarball, base, 'react-native')
  writeFileSync(join(folder, 'bundle.cjs'), BUNDLER)
  writeFileSync(join(folder, 'metro.config.cjs'), "module.exports = require('@react-native/metro-config').getDefaultConfig(__dirname)")
  writeFileSync(join(folder, 'babel.config.cjs'), "module.exports = { presets: ['@react-native/babel-preset'] }")

  const bundled = run(program, ['bundle.cjs'], { cwd: folder, timeoutMs: 300_000 })
  if (!bundled.ok) return { passed: 0, failures: [`Metro: ${errorIn(bundled.output)}`] }
  const code = readFileSync(join(folder, 'bundle.js'), 'utf8')
  const checks = [
    ['the bundle holds the package', /axios-renew\.AuthError|axios-renew\.\$\{/.test(code)],
    ['nothing of Node is in the bundle', !/['"]node:|AsyncLocalStorage/.test(code)],
    ['the compiler takes it', compiles(folder)],
  ]
  const results = judged('Hermes', runInHermes(folder, code))
  const failed = checks.filter(([, ok]) => !ok).map(([check]) => check)
  return { passed: checks.length - failed.length + results.passed, failures: [...failed, ...results.failures] }
}

function compiles(folder) {
  const compiler = join(folder, 'node_modules/hermes-compiler/hermesc', BIN, 'hermesc')
  return run(compiler, ['-w', '-O', '-emit-binary', '-out', 'bundle.hbc', 'bundle.js'], { cwd: folder }).ok
}

function runInHermes(folder, code) {
  if (!BIN) throw new NotAvailable(`there is no Hermes for ${process.platform}`)
  writeFileSync(join(folder, 'program.js'), readFileSync(join(folder, 'src/hermes-host.js'), 'utf8') + code)
  const hermes = join(folder, 'node_modules/hermes-engine-cli', BIN, 'hermes')
  return run(hermes, ['-w', 'program.js'], { cwd: folder, timeoutMs: 60_000 })
}

/** Metro greets at length before it says what is wrong. */
function errorIn(output) {
  return output.slice(Math.max(0, output.search(/\w*Error\b/))).slice(0, 1000)
}
