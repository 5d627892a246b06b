import type { WebSocket } from 'ws'
import { UNAUTHORIZED } from '../../servers/price-feed.ts'
import type { Ending } from './stay-connected.ts'

/** One connection, from the upgrade to its end. */
export function untilClosed(socket: WebSocket, onMessage: () => void): Promise<Ending> {
  const ending: Ending = { accepted: false, unauthorized: false }
  return new Promise((resolve) => {
    socket.on('message', () => {
      ending.accepted = true
      onMessage()
    })
    // The upgrade was answered, but not with 101. Whoever listens to this has to end it.
    socket.on('unexpected-response', (_, { statusCode }) => {
      ending.unauthorized = statusCode === 401
      socket.terminate()
    })
    // Says why a socket could not be opened; `close` follows in any case.
    socket.on('error', () => {})
    socket.on('close', (code) => {
      if (code === UNAUTHORIZED) ending.unauthorized = true
      resolve(ending)
    })
  })
}
