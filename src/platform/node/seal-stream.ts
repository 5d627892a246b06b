import { type EventEmitter, errorMonitor } from 'node:events'
import { conceal } from '../../core/errors/conceal.ts'

/** Keeps what a Node stream is sent with, which holds the token, out of what logs print of the stream. */
export function sealBody(body: unknown): void {
  conceal(Object(body)._readableState, 'pipes', 'awaitDrainWriters')
}

/**
 * Keeps the request as it was sent, which holds the token, out of what logs print of a Node stream of a
 * response: of itself, and of the errors it raises later.
 */
export function sealStream(data: unknown): void {
  if (typeof Object(data).pipe !== 'function') return
  conceal(data, 'req', 'socket', 'client', 'responseUrl', 'redirects')
  ;(data as EventEmitter).on(errorMonitor, (error) => conceal(error, 'request'))
}
