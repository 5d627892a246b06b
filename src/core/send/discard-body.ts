import { ignore, quietly } from '../wait.ts'

/** Lets go of a response body that nobody will read, a web stream or Node's: it holds a socket until then. */
export function discardBody(body: unknown): void {
  const { destroy, cancel, on } = Object(body)
  if (typeof destroy === 'function') {
    on?.call(body, 'error', ignore)
    destroy.call(body)
  } else if (typeof cancel === 'function') quietly(() => cancel.call(body))
}
