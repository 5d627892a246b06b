import type { Session } from 'axios-renew'
import { plural } from '../recording/summary.ts'
import { byId, make, setText } from './elements.ts'

const LONGEST = 12

/** Says what has just happened; screen readers say it too. */
export function say(text: string): void {
  setText('said', text)
}

/** Notes an event, the newest on top. */
function note(text: string): void {
  const now = new Date()
  const time = make('time', now.toLocaleTimeString('en-GB'))
  time.setAttribute('datetime', now.toISOString())
  const log = byId('log')
  log.prepend(make('li', time, make('span', text)))
  while (log.children.length > LONGEST) log.lastElementChild?.remove()
}

/** Notes what a session tells. */
export function noteEvents(session: Session): void {
  session.on('refreshed', ({ adopted, durationMs, waiters }) =>
    note(
      adopted
        ? 'refreshed: another tab did it, this one took the pair over'
        : `refreshed in ${Math.round(durationMs)} ms, for ${plural(waiters, 'caller')} that waited`,
    ),
  )
  session.on('refresh-failed', ({ error, retryAt }) => {
    const seconds = retryAt ? Math.max(0, (retryAt - Date.now()) / 1000).toFixed(1) : undefined
    note(`refresh-failed, ${error.code}: ${error.message}${seconds ? `. The next try is in ${seconds} s` : ''}`)
  })
  session.on('signed-in', ({ adopted }) => note(adopted ? 'signed-in, in another tab' : 'signed-in'))
  session.on('signed-out', () => note('signed-out'))
  session.on('ended', ({ error }) => note(`ended, ${error.code}: ${error.message}`))
  session.on('save-failed', ({ error }) => note(`save-failed, ${error.code}: ${error.message}`))
  session.on('store-degraded', ({ error }) => note(`store-degraded, ${error.code}: ${error.message}`))
}
