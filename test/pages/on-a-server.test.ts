import { createSession, type TokenStore } from 'axios-renew'
import { createElement } from 'react'
import { renderToString as renderReact } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import { createSSRApp } from 'vue'
import { renderToString as renderVue } from 'vue/server-renderer'
import type { Shop } from '../../examples/pages/shop.ts'
import { App as ReactApp } from '../../examples/react/app.tsx'
import { App as VueApp } from '../../examples/vue/app.ts'
import { SHOP } from '../../examples/vue/use-shop.ts'

/** A shop for which a server has no use: whatever is done with it is counted. */
function createCountedShop() {
  const used: string[] = []
  const use = (what: string) => async (): Promise<never> => {
    used.push(what)
    throw new Error(`expected that nobody calls ${what}`)
  }
  const store: TokenStore = {
    read: use('read'),
    write: use('write'),
    lock: use('lock'),
    watch(account) {
      used.push(`watch ${account}`)
      return () => {}
    },
  }
  const session = createSession({ store, refresh: use('refresh') })
  const { subscribe, on } = session
  session.subscribe = (listener) => {
    used.push('subscribe')
    return subscribe(listener)
  }
  session.on = (event, listener) => {
    used.push('on')
    return on(event, listener)
  }
  const shop: Shop = { session, signIn: use('signIn'), order: use('order') }
  return { shop, used }
}

describe.each([
  ['React', async (shop: Shop, path: string) => renderReact(createElement(ReactApp, { shop, path }))],
  ['Vue', (shop: Shop, path: string) => renderVue(createSSRApp(VueApp, { path }).provide(SHOP, shop))],
] as const)('the page in %s, on a server', (_, render) => {
  test('draws what is public', async () => {
    const { shop, used } = createCountedShop()
    const html = await render(shop, '/')
    expect(html).toContain('<h1>Welcome</h1>')
    expect(html).not.toContain('Sign out')
    expect(used).toEqual([])
  })

  test('draws neither what is guarded nor the form, and leaves the session alone', async () => {
    const { shop, used } = createCountedShop()
    const html = await render(shop, '/orders/3')
    expect(html).toMatch(/<main>(<!--.*?-->)*<\/main>/)
    // What is done later is done, too.
    await new Promise((resolve) => setImmediate(resolve))
    expect(used).toEqual([])
    expect(shop.session.status).toBe('unknown')
  })
})
