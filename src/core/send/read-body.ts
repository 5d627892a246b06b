/** Larger bodies are not looked into, in bytes. */
export const LARGEST_BODY = 2 ** 20

/** The content of a response that has been read: parsed when it is JSON, else its text. */
export async function readBody(data: unknown): Promise<unknown> {
  if (data === null || data === undefined) return undefined
  const { byteLength, size, length = byteLength ?? size } = data as { byteLength?: number; size?: number; length?: number }
  // Adapters that need no wire (mocks) may have parsed it already.
  if (typeof length !== 'number') return structuredClone(data)
  if (length > LARGEST_BODY) return undefined
  const text = await new Response(data as BodyInit).text()
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
