/** Larger bodies are not looked into, in bytes. */
export const LARGEST_BODY = 2 ** 20

/** The content of a response that has been read: parsed when it is JSON, else its text. */
export async function readBody(data: unknown): Promise<unknown> {
  const { byteLength, size, length = byteLength ?? size } = Object(data) as { byteLength?: number; size?: number; length?: number }
  const isRaw =
    typeof data === 'string' || ArrayBuffer.isView(data) || /\b(ArrayBuffer|Blob|File)\]$/.test(Object.prototype.toString.call(data))
  if (isRaw && Number(length) > LARGEST_BODY) return undefined
  let text: string | undefined
  try {
    // Adapters that need no wire (mocks) may have parsed it already.
    text = isRaw ? await new Response(data as BodyInit).text() : JSON.stringify(data)
    return JSON.parse(text)
  } catch {
    return text
  }
}
