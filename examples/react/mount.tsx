import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import type { Shop } from '../pages/shop.ts'
import { App } from './app.tsx'

/** Shows the app there; returns what takes it away. */
export function mount(place: Element, shop: Shop): () => void {
  const root = createRoot(place)
  root.render(
    <StrictMode>
      <App shop={shop} />
    </StrictMode>,
  )
  return () => root.unmount()
}
