import type { Contestant } from '../clients/contestant.ts'
import { CONTESTANTS, type ContestantName } from '../names.ts'
import { byId } from './elements.ts'
import { lab } from './lab-client.ts'
import { say } from './log.ts'
import { DONE, GONE } from './words.ts'

/** What the buttons work on. */
export interface Desk {
  shown(): Contestant
  /** Sends a burst and tells what became of it. */
  run(): Promise<void>
  /** Shows what the servers say. */
  look(): Promise<void>
  show(name: ContestantName): Promise<void>
}

/** Gives the buttons their work. */
export function listenToControls({ shown, run, look, show }: Desk): void {
  const tabs = new BroadcastChannel('axios-renew-demo')
  tabs.onmessage = () => void send()

  async function send(): Promise<void> {
    const buttons = [byId('send'), byId('send-everywhere')]
    if (buttons.some((button) => button.hasAttribute('aria-disabled'))) return
    for (const button of buttons) button.setAttribute('aria-disabled', 'true')
    showStage()
    await run().catch(() => say(GONE))
    for (const button of buttons) button.removeAttribute('aria-disabled')
  }

  /** A button that does something and says so. */
  function press(id: string, work: () => Promise<string>): void {
    byId(id).addEventListener('click', async () => {
      try {
        const done = await work()
        // What is said is to be seen by then, and a button that stays down to be pressed again.
        await look()
        say(done)
      } catch (error) {
        say(error instanceof TypeError ? GONE : String(error))
      }
    })
  }

  const isPressed = (id: string) => byId(id).getAttribute('aria-pressed') === 'true'

  byId('send').addEventListener('click', () => void send())
  byId('send-everywhere').addEventListener('click', () => {
    tabs.postMessage('send')
    void send()
  })
  press('expire', async () => {
    await lab.expire(shown().name)
    return DONE.expire
  })
  press('revoke', async () => {
    await lab.revoke(shown().name)
    return DONE.revoke
  })
  press('slow', async () => {
    const what = isPressed('slow') ? 'fast' : 'slow'
    await lab.trouble(what)
    return DONE[what]
  })
  press('cut', async () => {
    const what = isPressed('cut') ? 'mend' : 'cut'
    await lab.trouble(what)
    return DONE[what]
  })
  press('tab', async () => {
    open(location.href, '_blank', 'noopener')
    return DONE.tab
  })
  press('sign-out', async () => {
    await shown().signOut()
    return shown().name === 'ours' ? DONE.signOutOurs : DONE.signOutByHand
  })
  press('sign-in', async () => {
    await shown().signIn(await lab.signIn(shown().name, false))
    return DONE.signIn
  })
  for (const name of CONTESTANTS) {
    document.querySelector(`input[value="${name}"]`)?.addEventListener('change', async () => {
      await show(name)
      say(name === 'ours' ? DONE.showOurs : DONE.showByHand)
    })
  }
}

/** On a phone the drawing is further down. */
function showStage(): void {
  const stage = byId('said').parentElement
  if (!stage || stage.getBoundingClientRect().top < innerHeight / 3) return
  stage.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' })
}
