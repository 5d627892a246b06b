import { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { watchTokens } from './canary.ts'

/** A token in JSON, in a form or in `Authorization`. Shorter ones are words of a test, which may be said aloud. */
const TOKEN = /(?:(?:access|refresh)_?token"?\s*[:=]\s*"?|\b(?:bearer|dpop) )(?<token>[\w.~+/=-]{12,})/gi

/**
 * Makes a canary of every token that a server in this process gets or gives: in a header of a request, in a body, in an
 * answer. Authorization servers make tokens that nobody can tell from other words, and many tests start one.
 *
 * @returns ends it.
 */
export function watchWire(): () => void {
  const { end } = ServerResponse.prototype
  // What comes in is pushed, piece by piece, and at last `null`.
  IncomingMessage.prototype.push = function push(chunk, ...rest) {
    hear(this.headers.authorization)
    hear(chunk)
    return Readable.prototype.push.call(this, chunk, ...rest)
  }
  ServerResponse.prototype.end = function (this: ServerResponse, ...given: unknown[]) {
    hear(given[0])
    return end.apply(this, given as Parameters<typeof end>)
  } as typeof end
  return () => {
    ServerResponse.prototype.end = end
    delete (IncomingMessage.prototype as Partial<IncomingMessage>).push
  }
}

function hear(sent: unknown): void {
  if (typeof sent !== 'string' && !(sent instanceof Uint8Array)) return
  for (const { groups } of Buffer.from(sent).toString().matchAll(TOKEN)) watchTokens(groups?.token)
}
