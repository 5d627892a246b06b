/**
 * Parses the body of a token endpoint: JSON as RFC 6749 says, or form-encoded as some answer.
 *
 * @returns an object, or `undefined` when it is neither: HTML of a proxy, a truncated body ...
 */
export function readAnswer(text: unknown): object | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined
  } catch {
    const form = text.trim()
    return /^[\w.-]+=[^\s<>{}]*$/.test(form) ? Object.fromEntries(new URLSearchParams(form)) : undefined
  }
}
