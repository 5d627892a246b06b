/** Every entry of the package, imported and required: both have the same names, and none needs more than what is installed. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import checks from './checks.cjs'

const require = createRequire(import.meta.url)
const { exports } = JSON.parse(readFileSync(require.resolve('axios-renew/package.json'), 'utf8'))
const entries = Object.keys(exports).filter((subpath) => subpath !== './package.json')

const checkOf = (subpath) => async () => {
  const entry = subpath.replace('.', 'axios-renew')
  const imported = Object.keys(await import(entry)).filter((name) => name !== 'default' && name !== 'module.exports')
  assert.ok(imported.length > 0, `${entry} exports nothing`)
  assert.deepEqual(Object.keys(require(entry)).sort(), imported.sort())
}

await checks.runChecks({
  'there are ten entries': () => assert.equal(entries.length, 10),
  ...Object.fromEntries(entries.map((subpath) => [`${subpath} by import and by require`, checkOf(subpath)])),
})
