import { useSyncExternalStore } from 'react'
import { currentPath, onPath } from '../pages/router.ts'
import type { Shop } from '../pages/shop.ts'
import { Guard } from './guard.tsx'
import { OrderPage, Orders } from './orders.tsx'
import { useSession } from './use-session.ts'

/** The whole page. On a server, `path` says which. */
export function App({ shop, path = '/' }: { shop: Shop; path?: string }) {
  const [, section, id] = useSyncExternalStore(onPath, currentPath, () => path).split('/')
  return (
    <>
      <Header shop={shop} />
      <main>
        {section === 'orders' ? (
          <Guard shop={shop}>{id ? <OrderPage key={id} shop={shop} id={id} /> : <Orders shop={shop} />}</Guard>
        ) : (
          <Welcome />
        )}
      </main>
    </>
  )
}

function Header({ shop: { session } }: { shop: Shop }) {
  const { status } = useSession(session)
  return (
    <header>
      <nav>
        <a href="/">The shop</a> <a href="/orders">Your orders</a>
      </nav>
      {status === 'active' && (
        // It takes effect at once, and what could not be written is tried again.
        <button type="button" onClick={() => session.signOut().catch(() => {})}>
          Sign out
        </button>
      )}
    </header>
  )
}

function Welcome() {
  return (
    <>
      <h1>Welcome</h1>
      <p>
        Everybody may read this. <a href="/orders">Your orders</a> are for you alone.
      </p>
    </>
  )
}
