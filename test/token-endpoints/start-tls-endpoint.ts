import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { close, listen, readText } from '../../examples/servers/listen.ts'
import { ANSWER } from './refresh-with.ts'
import { json } from './start-endpoint.ts'

/** A token endpoint that is really spoken to in TLS, and has a certificate that nobody knows. */
export interface TlsEndpoint {
  url: string
  /** For those who shall trust it. */
  certificate: string
  /** The bodies of the requests that arrived, in order. */
  bodies: string[]
  /** Connections that were made: attempts, as a refused handshake costs its connection. */
  connections: number
  /** Bytes that clients have sent, in TLS and all. */
  bytesRead(): number
}

/** Starts an endpoint with a self-signed certificate for `localhost`; it is closed when the test is over. */
export async function startTlsEndpoint(options: ServerOptions = {}): Promise<TlsEndpoint> {
  const { key, cert } = selfSigned('localhost')
  const sockets: Socket[] = []
  const bodies: string[] = []
  const server = createServer({ key, cert, ...options }, async (request, response) => {
    bodies.push(await readText(request))
    json(response, ANSWER)
  })
  server.on('connection', (socket: Socket) => sockets.push(socket))
  const { port } = new URL(await listen(server))
  onTestFinished(() => close(server))
  return {
    url: `https://localhost:${port}/token`,
    certificate: cert,
    bodies,
    get connections() {
      return sockets.length
    },
    bytesRead: () => sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
  }
}

/** A new key and a certificate of it (RFC 5280, 4.1), made here so that no private key lies in the repository. */
function selfSigned(host: string): { key: string; cert: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
  const commonName = der(0x30, der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from(host)))
  const name = der(0x30, der(0x31, commonName))
  const time = (text: string) => der(0x17, Buffer.from(text))
  const alternativeNames = der(0x04, der(0x30, der(0x82, Buffer.from(host))))
  const content = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    der(0x30, time('200101000000Z'), time('490101000000Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, der(0x30, der(0x06, Buffer.from('551d11', 'hex')), alternativeNames))),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', content, privateKey))
  const base64 = der(0x30, content, ecdsaWithSha256, signature).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  }
}

/** A value in DER, the encoding of certificates: tag, length, content. */
function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}
