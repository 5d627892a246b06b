/**
 * `npm run check`: everything that must hold before a release. `--skip a,b` leaves steps out.
 *
 * Each step is an npm script, and can be run by itself.
 */
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'

const STEPS = [
  { name: 'lint', command: 'run lint' },
  { name: 'types', command: 'run types' },
  // All but the examples, which are a step of their own.
  { name: 'tests', command: 'test -- --project=!examples' },
  { name: 'examples', command: 'run examples' },
  { name: 'build', command: 'run build' },
  { name: 'publint', command: 'run publint', needs: 'build' },
  { name: 'attw', command: 'run attw', needs: 'build' },
  { name: 'size', command: 'run size', needs: 'build' },
  { name: 'api-report', command: 'run api-report', needs: 'build' },
  { name: 'knip', command: 'run knip' },
  { name: 'snippets', command: 'run snippets' },
  { name: 'reference', command: 'run reference' },
]

const steps = STEPS.filter(({ name }) => !skipped().includes(name))
const failed = new Set()
for (const { name, command, needs } of steps) {
  const startedAt = performance.now()
  const { ok, output } = failed.has(needs) ? { ok: false, output: `not run: ${needs} failed` } : await npm(command)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${name.padEnd(10)}${seconds.padStart(6)} s  ${ok ? 'ok' : 'FAILED'}`)
  if (ok) continue
  failed.add(name)
  console.log(`${output.trimEnd()}\n`)
}
console.log(`${steps.length - failed.size} passed, ${failed.size} failed`)
process.exitCode = failed.size > 0 ? 1 : 0

function skipped() {
  const { values } = parseArgs({ options: { skip: { type: 'string', default: '' } } })
  const names = values.skip.split(',').filter(Boolean)
  const unknown = names.find((name) => !STEPS.some((step) => step.name === name))
  if (unknown) throw new TypeError(`--skip: expected ${STEPS.map(({ name }) => name).join('|')}, got '${unknown}'`)
  return names
}

function npm(command) {
  return new Promise((resolve) => {
    const child = spawn('npm', ['--silent', ...command.split(' ')], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
    child.on('error', (error) => resolve({ ok: false, output: String(error) }))
    child.on('close', (code) => resolve({ ok: code === 0, output }))
  })
}
