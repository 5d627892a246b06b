import { followLinks } from '../../../examples/pages/router.ts'
import { createShop, type Shop } from '../../../examples/pages/shop.ts'

/** What a test may do that no visitor can. */
interface Exposed {
  /** Takes the app away. */
  unmount(): void
  /** How many listen to the session at this moment. */
  listeners(): number
  /** Signs somebody in without asking who is signed in. */
  signIn(user: string, password: string): Promise<void>
}

declare global {
  var exposed: Exposed
}

/** Shows an app as its `main.ts` does, and gives a test a hold on it. */
export function expose(mount: (place: Element, shop: Shop) => () => void): void {
  followLinks()
  const shop = createShop()
  const { session } = shop
  const { subscribe, on } = session
  let listeners = 0
  const counted = (stop: () => void) => {
    listeners++
    return () => {
      listeners--
      stop()
    }
  }
  session.subscribe = (listener) => counted(subscribe(listener))
  session.on = (event, listener) => counted(on(event, listener))
  const unmount = mount(document.querySelector('#app') ?? document.body, shop)
  globalThis.exposed = { unmount, listeners: () => listeners, signIn: shop.signIn }
}
