// The smallest router that can be: an app has a real one.

/** Where the page is. */
export const currentPath = (): string => location.pathname

/** Calls back when the page goes elsewhere; returns what stops that. */
export function onPath(listener: () => void): () => void {
  addEventListener('popstate', listener)
  return () => removeEventListener('popstate', listener)
}

/** Lets the links of the page be followed without loading it anew. */
export function followLinks(): void {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element && event.target.closest('a')
    if (!link || link.origin !== location.origin || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    history.pushState(null, '', link.href)
    dispatchEvent(new PopStateEvent('popstate'))
  })
}
