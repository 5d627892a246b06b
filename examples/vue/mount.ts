import { createApp } from 'vue'
import type { Shop } from '../pages/shop.ts'
import { App } from './app.ts'
import { SHOP } from './use-shop.ts'

/** Shows the app there; returns what takes it away. */
export function mount(place: Element, shop: Shop): () => void {
  const app = createApp(App).provide(SHOP, shop)
  app.mount(place)
  return () => app.unmount()
}
