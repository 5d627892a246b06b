/** Adds up the tests (their exit status and vitest's JSON report) and the steps of the check, as CI's last line. */
import { readFileSync } from 'node:fs'

const [testStatus, testReport, checkOutput] = process.argv.slice(2)
const results = [testCases(testReport), steps(checkOutput)]
const total = (key) => results.reduce((sum, result) => sum + result[key], 0)
console.log(`${total('passed')} passed, ${total('failed')} failed`)
process.exitCode = total('failed') > 0 ? 1 : 0

function testCases(path) {
  const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(read(path) || '{}')
  // A file that does not load, or an error outside of any test, fails the run without a failed test.
  return { passed: numPassedTests, failed: numFailedTests || (testStatus === '0' ? 0 : 1) }
}

function steps(path) {
  const [, passed, failed] = [...read(path).matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) ?? [undefined, 0, 1]
  return { passed: Number(passed), failed: Number(failed) }
}

/** A report that is missing is a failure, not an accident of this script. */
function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
