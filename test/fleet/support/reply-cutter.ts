import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** The way to a store, on which a reply can get lost. */
export interface ReplyCutter {
  readonly port: number
  /** The next message that looks like this arrives; its connection breaks before the reply is back. Settles then. */
  cutReplyTo(message: RegExp): Promise<void>
}

/** Puts it before a store; it is closed when the test is over. */
export async function startReplyCutter(port: number): Promise<ReplyCutter> {
  let wanted: { message: RegExp; done: () => void } | undefined
  const sockets = new Set<Socket>()

  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    let cutting: (() => void) | undefined
    const breakOff = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', breakOff)
      socket.on('close', breakOff)
    }
    client.on('data', (data) => {
      if (wanted?.message.test(data.toString('latin1'))) {
        cutting = wanted.done
        wanted = undefined
      }
      upstream.write(data)
    })
    upstream.on('data', (data) => {
      if (!cutting) return void client.write(data)
      // The server has done it: it answers.
      breakOff()
      cutting()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    cutReplyTo: (message) =>
      new Promise((done) => {
        wanted = { message, done }
      }),
  }
}
