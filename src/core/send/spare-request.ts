import { ignore } from '../wait.ts'

/**
 * The largest body of a `Request` that is kept for a replay, in bytes: 16 MiB. Most of what APIs take in one request is
 * smaller, gateways refuse more than 10 MB by default, and ten uploads at once hold 320 MiB at worst: while the network
 * is slow, a stream of bytes is held twice.
 */
const LARGEST_SPARE_BODY = 16 * 2 ** 20

/**
 * A caller's `Request` that is kept for a replay while a copy of it is sent. A copy has its own branch of the body;
 * what is sent of the one waits in the other, however long it is. So a third one is only counted, and with a body
 * that is too large the spare is given up: nothing is held back any more.
 */
export class SpareRequest {
  /** The body was too large to be kept. */
  lost = false
  readonly #request: Request
  #counter?: ReadableStreamDefaultReader<Uint8Array>

  constructor(request: Request) {
    this.#request = request
  }

  /** A copy to send first. It has what the platform knows of the body: its length, its source. */
  copy(): Request {
    if (this.#request.body === null) return this.#request.clone()
    const counted = this.#request.clone()
    const copy = this.#request.clone()
    // Browsers without streams of requests have all of the body in memory anyway.
    this.#counter = counted.body?.getReader()
    // A body that breaks fails the send.
    this.#count().catch(ignore)
    return copy
  }

  /** The request itself, to send last. */
  take(): Request {
    this.#counter?.cancel().catch(ignore)
    return this.#request
  }

  /** Frees what is held. To the caller the request is used then, as it is after any fetch. */
  release(): void {
    const { body } = this.take()
    if (!this.#request.bodyUsed) body?.cancel().catch(ignore)
  }

  /** Counts as fast as the body comes, which is why no more than its bound is read ahead of the network. */
  async #count(): Promise<void> {
    for (let size = 0; this.#counter; ) {
      const { done, value } = await this.#counter.read()
      if (done) return
      size += value.length
      if (size <= LARGEST_SPARE_BODY) continue
      this.lost = true
      return this.release()
    }
  }
}
