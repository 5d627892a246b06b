/**
 * `npm run api-report`: fails when the public types of the build differ from those in docs/api-report, and prints the difference.
 * `npm run api-report -- --update` writes them down. `--dist` and `--reports` name other folders.
 *
 * A type that `axios-renew` exports is printed there, and only named by the other entries that have it.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { augmentationsOf, declarationsOf } from './api-report/declarations.mjs'
import { extract } from './api-report/extract.mjs'

const { update, dist, reports } = parseArgs({
  options: {
    update: { type: 'boolean' },
    dist: { type: 'string', default: 'dist' },
    reports: { type: 'string', default: 'docs/api-report' },
  },
}).values

if (dist === 'dist' && isStale()) {
  // A report of an old build would be right about the wrong types.
  console.error('dist is missing, or was written before the newest file of src: run `npm run build`, then this again.')
  process.exit(1)
}
const scratch = mkdtempSync(join(tmpdir(), 'axios-renew-api-report-'))
try {
  const found = join(scratch, 'reports')
  write(found, reportAll())
  if (update) replace(found)
  else compare(found)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function isStale() {
  const newest = (folder) => Math.max(0, ...filesIn(folder).map((path) => statSync(path).mtimeMs))
  return !existsSync(dist) || newest('src') > newest(dist)
}

function filesIn(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map((entry) => join(entry.parentPath, entry.name))
}

/** The reports, by the name of their file. */
function reportAll() {
  const { name: packageName, exports } = JSON.parse(readFileSync('package.json', 'utf8'))
  const entries = Object.entries(exports).filter(([, { import: esm }]) => esm)
  const paths = entries.map(([, { import: esm }]) => join(dist, basename(esm.types)))
  const [main, ...others] = extract(paths, scratch).map(declarationsOf)
  return entries.map(([subpath], index) => {
    const name = `${packageName}${subpath.slice(1)}`
    const declarations = [main, ...others][index]
    const text = reportOf(name, declarations, index > 0 ? { name: packageName, declarations: main } : undefined)
    return [`${name.replaceAll('/', '-')}.txt`, [text, ...augmentationsOf(readFileSync(paths[index], 'utf8'))].join('\n\n')]
  })
}

function reportOf(name, declarations, main) {
  const all = [...declarations].map(([name, { exported, text }]) => {
    const there = main?.declarations.get(name)
    return { name, exported, text, shared: there?.exported && bare(there.text) === bare(text) }
  })
  const names = (list) => list.map(({ name }) => `    ${name}`).join('\n')
  const again = all.filter(({ exported, shared }) => exported && shared)
  const used = all.filter(({ exported, shared }) => !exported && shared)
  return [
    `The public types of ${name}. Written by \`npm run api-report -- --update\`.`,
    again.length > 0 && `Exported here as by ${main.name}:\n${names(again)}`,
    used.length > 0 && `Used here, exported by ${main.name}:\n${names(used)}`,
    ...all.filter(({ shared }) => !shared).map(({ exported, text }) => (exported ? text : `// not exported\n${text}`)),
  ]
    .filter(Boolean)
    .join('\n\n')
}

function bare(text) {
  return text.replaceAll(/^export /gm, '')
}

function write(folder, files) {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of files) writeFileSync(join(folder, name), `${text}\n`)
}

function replace(found) {
  rmSync(reports, { recursive: true, force: true })
  write(
    reports,
    readdirSync(found).map((name) => [name, readFileSync(join(found, name), 'utf8').trimEnd()]),
  )
  console.log(`${reports}: ${readdirSync(reports).length} reports`)
}

function compare(found) {
  cpSync(reports, join(scratch, 'committed'), { recursive: true })
  renameSync(found, join(scratch, 'built'))
  const options = ['--no-index', '--no-ext-diff', '--no-color', '--no-prefix']
  const { status, stdout, stderr } = spawnSync('git', ['diff', ...options, 'committed', 'built'], { cwd: scratch, encoding: 'utf8' })
  if (status === 0) return
  process.exitCode = 1
  console.error(stdout || stderr)
  console.error('The public types have changed. If that is meant: npm run api-report -- --update, and a changeset that says so.')
}
