/** Fixed now: a test may put fake timers in the place of the global ones. */
const { setImmediate, MessageChannel } = globalThis

/** Lets all promises that can settle do so. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await turn()
}

/** One turn of the event loop, by what is not a fake: fake timers carry their clock. */
function turn(): Promise<void> {
  if (setImmediate && !('clock' in setImmediate)) return new Promise((resolve) => void setImmediate(resolve))
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
