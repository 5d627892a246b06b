import { leavable } from '../../core/wait.ts'

/** A Node stream, as far as it can break before anybody reads it. */
interface BreakableStream {
  destroyed?: boolean
  errored?: unknown
  on(event: 'error' | 'close', listener: (error?: unknown) => void): void
  off(event: 'close', listener: () => void): void
}

/**
 * Waits, and leaves when a body that nobody reads yet fails or is destroyed, at once if it has been.
 * Only Node streams can tell.
 *
 * @param reason makes what to reject with of the stream's error; there is none if the stream was just destroyed.
 */
export function unlessBroken<T>(work: Promise<T>, body: unknown, reason: (error: unknown) => unknown): Promise<T> {
  if (typeof Object(body).off !== 'function') return work
  const stream = body as BreakableStream
  return leavable(work, (leave) => {
    const onError = (error: unknown) => leave(reason(error))
    const onClose = () => onError(stream.errored)
    if (stream.destroyed) onClose()
    // Stays: an error that nobody listens for ends the process, and it may come when nobody waits any more.
    stream.on('error', onError)
    stream.on('close', onClose)
    return () => stream.off('close', onClose)
  })
}
