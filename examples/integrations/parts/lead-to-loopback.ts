/**
 * The SDK knows one address, `https://api.mercadopago.com`, and no setting for it. It looks up the global `fetch` at every
 * call, so here its requests are led to a server of ours. Only examples and tests need this.
 *
 * @param servers where paths that begin so go.
 * @returns what undoes it.
 */
export function leadToLoopback(servers: Record<string, string>): () => void {
  const { fetch } = globalThis
  globalThis.fetch = (input, init) => {
    const { origin, pathname, search } = new URL(input instanceof Request ? input.url : input)
    if (origin !== 'https://api.mercadopago.com') return fetch(input, init)
    const [, server] = Object.entries(servers).find(([prefix]) => pathname.startsWith(prefix)) ?? []
    if (!server) return Promise.reject(new TypeError(`no server for ${pathname}`))
    return fetch(`${server}${pathname}${search}`, init)
  }
  return () => {
    globalThis.fetch = fetch
  }
}
