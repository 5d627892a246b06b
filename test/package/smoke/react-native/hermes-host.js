/*
 * Stands before the bundle where Hermes runs by itself: what the native side of React Native gives. The command line of Hermes has
 * timers that do not wait, and neither `btoa` nor `queueMicrotask`. Babel does not see it.
 */
;(() => {
  const soon = setTimeout
  const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  let timers = []
  let ids = 0
  let over = false

  function turn() {
    const due = timers.filter((timer) => timer.at <= Date.now())
    const next = due.reduce((first, timer) => (first && first.at <= timer.at ? first : timer), undefined)
    if (next) {
      clearTimeout(next.id)
      next.run()
    }
    if (!over) soon(turn, 0)
  }

  Object.assign(globalThis, {
    global: globalThis,
    window: globalThis,
    self: globalThis,
    process: { env: { NODE_ENV: 'production' } },
    nativeModuleProxy: {},
    performance: { now: () => Date.now() },
    report: (result) => print(JSON.stringify(result)),
    finished: () => {
      over = true
    },
    queueMicrotask: (run) => soon(run, 0),
    setTimeout: (run, ms) => {
      timers.push({ id: ++ids, at: Date.now() + (ms || 0), run: run })
      return ids
    },
    clearTimeout: (id) => {
      timers = timers.filter((timer) => timer.id !== id)
    },
    btoa: (text) => {
      const bits = text.split('').map((character) => (256 + character.charCodeAt(0)).toString(2).slice(1))
      const sixes = bits.join('').match(/.{1,6}/g) || []
      const digits = sixes.map((six) => DIGITS[parseInt(`${six}00000`.slice(0, 6), 2)])
      return digits.join('') + '='.repeat((4 - (digits.length % 4)) % 4)
    },
    atob: (text) => {
      const bits = text.replace(/=/g, '').split('')
      const eights =
        bits
          .map((digit) => (64 + DIGITS.indexOf(digit)).toString(2).slice(1))
          .join('')
          .match(/.{8}/g) || []
      return eights.map((eight) => String.fromCharCode(parseInt(eight, 2))).join('')
    },
  })
  turn()
})()
