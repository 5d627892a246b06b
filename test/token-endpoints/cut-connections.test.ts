import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { rejection } from '../support/session-kit.ts'
import { refreshWith } from './refresh-with.ts'

/** Accepts connections, and cuts each one so without having read from it; closed when the test is over. */
async function startCutter(cut: (socket: Socket) => void) {
  const seen = { url: '', connections: 0, bytesRead: 0 }
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    seen.connections++
    socket.on('error', () => {})
    socket.on('close', () => {
      seen.bytesRead += socket.bytesRead
    })
    cut(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve())))
  seen.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  return seen
}

/** When the client has found that it is connected, and has sent what it had to send. */
function later(work: () => void): void {
  setImmediate(() => setImmediate(work))
}

describe.each(['http', 'fetch'])('a connection (%s) that nobody reads from', (adapter) => {
  test('and that is reset before the client has found itself connected is made three times: nothing left', async () => {
    const seen = await startCutter((socket) => socket.resetAndDestroy())
    const error = await rejection(refreshWith({ tokenEndpoint: seen.url, request: { adapter } }))
    expect([error.code, seen.connections, seen.bytesRead]).toEqual(['ERR_REFRESH_FAILED', 3, 0])
  })

  test.each([
    ['reset', (socket: Socket) => later(() => socket.resetAndDestroy())],
    ['closed', (socket: Socket) => later(() => socket.destroy())],
    ['closed at once', (socket: Socket) => socket.destroy()],
  ])('and that is %s is made once: the client cannot know how far it came', async (_name, cut) => {
    const seen = await startCutter(cut)
    const error = await rejection(refreshWith({ tokenEndpoint: seen.url, request: { adapter } }))
    expect([error.code, seen.connections, seen.bytesRead]).toEqual(['ERR_REFRESH_UNCERTAIN', 1, 0])
  })
})
