/**
 * `npm run release:version`: turns the changesets into the next version, in package.json, package-lock.json and CHANGELOG.md.
 * It commits, tags and publishes nothing.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const [head] = sections()
run('npm', 'exec', '--no', '--', 'changeset', 'version')
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
// Of the two files changesets knows only one.
run('npm', 'version', version, '--no-git-tag-version', '--allow-same-version', '--ignore-scripts')
// And it writes right below the title, above what is said of all releases.
const remarks = head.replace(/^# .*/, '').trim()
const [, ...releases] = sections().map((section) => section.replace(remarks, '').trim())
writeFileSync('CHANGELOG.md', `${[head, ...releases].join('\n\n')}\n`)

/** What stands above the releases, and the releases, the newest first. */
function sections() {
  const [first, ...others] = readFileSync('CHANGELOG.md', 'utf8').split(/^(?=## )/m)
  return [first.trim(), ...others]
}

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}
