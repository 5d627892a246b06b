/** The element with that id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`The page has no element '${id}'`)
  return found
}

/** Sets a text, unless it is there already: screen readers speak of what changes. */
export function setText(id: string, text: string): void {
  const element = byId(id)
  if (element.textContent !== text) element.textContent = text
}

/** Makes an element with a text or with children. */
export function make(name: string, ...children: (Node | string)[]): HTMLElement {
  const element = document.createElement(name)
  element.append(...children)
  return element
}
