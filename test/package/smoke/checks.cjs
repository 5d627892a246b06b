/**
 * Runs the checks of a smoke program one after another and prints a line of JSON for each. No test runner: it has to work
 * the same in every runtime. The program must end by itself after the last one; whoever started it watches that.
 *
 * @param {Record<string, () => unknown>} checks by name; one that throws has failed.
 */
async function runChecks(checks) {
  for (const [check, run] of Object.entries(checks)) {
    try {
      await run()
      console.log(JSON.stringify({ check, ok: true }))
    } catch (error) {
      process.exitCode = 1
      console.log(JSON.stringify({ check, ok: false, why: String(error?.stack ?? error) }))
    }
  }
}

module.exports = { runChecks }
