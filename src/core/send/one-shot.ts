/** Whether a body can be read only once: a Node stream, a `form-data` form, a web stream, an async iterable. */
export function isOneShot(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false
  return 'pipe' in body || 'getReader' in body || Symbol.asyncIterator in body
}
