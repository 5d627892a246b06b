import { LARGEST_BODY, readBody } from '../../core/send/read-body.ts'
import type { ResponseView } from '../../core/session/config.ts'

/** A response as `shouldRefresh` sees it. */
export function viewOf(response: Response, url: string): ResponseView {
  return { status: response.status, headers: response.headers, url, body: () => readCopy(response) }
}

/** Reads a copy of a body that is text; not one that may never end. */
async function readCopy(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? ''
  if (!/json|text|urlencoded/.test(type) || /event-stream|ndjson|json-seq/.test(type)) return undefined
  const copy = response.clone()
  // React Native has no streams, and all of the body in memory.
  if (copy.body === undefined) return readBody(await copy.text())
  const reader = copy.body?.getReader()
  const chunks: BlobPart[] = []
  for (let size = 0; reader; ) {
    const { done, value } = await reader.read()
    if (done) break
    size += value.length
    chunks.push(value)
    if (size > LARGEST_BODY) {
      void reader.cancel()
      return undefined
    }
  }
  return readBody(new Blob(chunks))
}
