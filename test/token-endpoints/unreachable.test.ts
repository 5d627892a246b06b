import { Agent } from 'node:https'
import { AxiosError, type InternalAxiosRequestConfig } from 'axios'
import { oauth2, RefreshFailedError } from 'axios-renew'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { rejection } from '../support/session-kit.ts'
import { ANSWER, refreshWith, sessionWith } from './refresh-with.ts'
import { closedPort, json, startEndpoint } from './start-endpoint.ts'
import { startTlsEndpoint } from './start-tls-endpoint.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** What Node's `net` and `dns` say, as axios passes it on. */
function networkError(code: string, syscall: string | undefined, config: InternalAxiosRequestConfig): AxiosError {
  return AxiosError.from(Object.assign(new Error(`${syscall} ${code}`), { code, ...(syscall && { syscall }) }), code, config)
}

describe('a token endpoint that cannot be reached', () => {
  test('because the connection is refused is tried three times', async () => {
    const { port, pathname } = new URL(await closedPort())
    const looked: string[] = []
    const lookup = async (hostname: string) => {
      looked.push(hostname)
      return '127.0.0.1'
    }
    const error = await rejection(refreshWith({ tokenEndpoint: `http://localhost:${port}${pathname}`, request: { lookup } }))
    expect(error).toBeInstanceOf(RefreshFailedError)
    expect(error.code).toBe('ERR_REFRESH_FAILED')
    expect(error.message).toBe('The token endpoint could not be reached (ECONNREFUSED)')
    expect(looked).toEqual(['localhost', 'localhost', 'localhost'])
  })

  test('because no name server knows it is tried three times', async () => {
    const looked: string[] = []
    const lookup = async (hostname: string): Promise<string> => {
      looked.push(hostname)
      throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname })
    }
    const error = await rejection(refreshWith({ tokenEndpoint: 'https://auth.invalid/token', request: { lookup } }))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_FAILED', message: 'The token endpoint could not be reached (ENOTFOUND)' })
    expect(looked).toHaveLength(3)
  })

  test('because it does not speak TLS is not tried again, as it may have got something', async () => {
    const { url, bodies } = await startEndpoint((response) => json(response, ANSWER))
    const error = await rejection(refreshWith({ tokenEndpoint: url.replace('http:', 'https:') }))
    expect(error).toBeInstanceOf(RefreshFailedError)
    expect(error.code).toBe('ERR_REFRESH_UNCERTAIN')
    expect(error.message).toContain('EPROTO')
    expect(bodies).toEqual([])
  })

  test.each(['http', 'fetch'])('by %s because nobody knows its certificate is tried three times, and sent nothing', async (adapter) => {
    const endpoint = await startTlsEndpoint()
    // More than a handshake takes, so that it would show among the bytes.
    const parameters = { padding: 'x'.repeat(10_000) }
    const error = await rejection(refreshWith({ tokenEndpoint: endpoint.url, parameters, request: { adapter } }))
    expect(error.code).toBe('ERR_REFRESH_FAILED')
    expect(error.message).toMatch(/^The token endpoint could not be reached \((DEPTH_ZERO_SELF_SIGNED_CERT|ERR_NETWORK)\)$/)
    expect([endpoint.connections, endpoint.bodies]).toEqual([3, []])
    expect(endpoint.bytesRead()).toBeLessThan(10_000)
  })

  test('because its certificate is for another name is tried three times, and sent nothing', async () => {
    const endpoint = await startTlsEndpoint()
    const request = { httpsAgent: new Agent({ ca: endpoint.certificate }) }
    // Not `rejection`: the error shows the certificate, whose random bytes may look like one of our tokens.
    const error = await refreshWith({ tokenEndpoint: endpoint.url.replace('localhost', '127.0.0.1'), request }).catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_REFRESH_FAILED', message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') })
    expect([endpoint.connections, endpoint.bodies]).toEqual([3, []])
  })

  test('is one no more when its certificate is known', async () => {
    const endpoint = await startTlsEndpoint()
    const request = { httpsAgent: new Agent({ ca: endpoint.certificate }) }
    expect(await refreshWith({ tokenEndpoint: endpoint.url, request })).toEqual(ANSWER)
    expect(endpoint.bodies).toHaveLength(1)
  })

  test('keeps the session', async () => {
    const session = sessionWith(oauth2({ tokenEndpoint: await closedPort() }))
    expect(await rejection(session.refresh())).toMatchObject({ code: 'ERR_REFRESH_FAILED', retryAt: expect.any(Number) })
    expect(session.status).toBe('active')
    expect(await session.getTokens()).toMatchObject({ accessToken: 'access-1', refreshToken: 'refresh-1' })
  })

  test('by any address is one that was never reached', async () => {
    const { port, pathname } = new URL(await closedPort())
    const lookup = async () => [
      { address: '127.0.0.1', family: 4 as const },
      { address: '127.0.0.1', family: 4 as const },
    ]
    const error = await rejection(
      refreshWith({ tokenEndpoint: `http://localhost:${port}${pathname}`, request: { lookup: lookup as never } }),
    )
    expect(error.code).toBe('ERR_REFRESH_FAILED')
  })

  test('by fetch is tried three times, too', async () => {
    const error = await rejection(refreshWith({ tokenEndpoint: await closedPort(), request: { adapter: 'fetch' } }))
    expect(error.code).toBe('ERR_REFRESH_FAILED')
  })

  test('is sent the same bytes when it can be reached again', async () => {
    vi.useFakeTimers()
    const bodies: string[] = []
    const answer = refreshWith({
      clientId: 'my-app',
      format: 'json',
      request: {
        adapter: async (config) => {
          bodies.push(`${config.headers.get('content-type')} ${config.data}`)
          if (bodies.length < 3) throw networkError('ECONNREFUSED', 'connect', config)
          return { status: 200, statusText: 'OK', headers: {}, config, data: JSON.stringify(ANSWER) }
        },
      },
    })
    await vi.advanceTimersByTimeAsync(5000)
    expect(await answer).toEqual(ANSWER)
    const body = 'application/json {"grant_type":"refresh_token","refresh_token":"refresh-1","client_id":"my-app"}'
    expect(bodies).toEqual([body, body, body])
  })
})

describe('a token endpoint that wants a certificate of the client, and gets none', () => {
  test.each(['TLSv1.3', 'TLSv1.2'] as const)('is not asked again in %s: the request may have left', async (version) => {
    const endpoint = await startTlsEndpoint({ requestCert: true, minVersion: version, maxVersion: version })
    const request = { httpsAgent: new Agent({ ca: endpoint.certificate }) }
    const error = await rejection(refreshWith({ tokenEndpoint: endpoint.url, request }))
    // With 1.3 the client is done with the handshake, and has sent the request, when the server's alert comes.
    expect([error.code, endpoint.connections]).toEqual(['ERR_REFRESH_UNCERTAIN', 1])
  })
})

describe('a token request that fails with', () => {
  test.each([
    ['ECONNREFUSED', 'connect'],
    ['ENOTFOUND', 'getaddrinfo'],
    ['EAI_AGAIN', 'getaddrinfo'],
    ['EHOSTUNREACH', 'connect'],
    ['ENETUNREACH', 'connect'],
    ['ETIMEDOUT', 'connect'],
    ['CERT_HAS_EXPIRED', undefined],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', undefined],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', undefined],
    ['ERR_TLS_CERT_ALTNAME_INVALID', undefined],
  ])('%s at %s has never left: it is tried again', async (code, syscall) => {
    expect(await failingWith(code, syscall)).toEqual({ code: 'ERR_REFRESH_FAILED', attempts: 3 })
  })

  test.each([
    ['ECONNRESET', 'read'],
    ['ECONNRESET', undefined],
    ['EPIPE', 'write'],
    ['ETIMEDOUT', 'read'],
    // A router that reboots while the answer is on its way: Linux says so of connections that stand.
    ['EHOSTUNREACH', 'read'],
    ['ENETUNREACH', 'read'],
    ['ECONNABORTED', undefined],
    ['ERR_NETWORK', undefined],
    // Noise on a connection that stands, not a handshake.
    ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'read'],
    ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', undefined],
    // Alerts of the server about our certificate.
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', undefined],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', undefined],
    ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', undefined],
    ['ERR_TLS_RENEGOTIATION_DISABLED', undefined],
    ['HPE_INVALID_CONSTANT', undefined],
  ])('%s at %s may have arrived: it is not tried again', async (code, syscall) => {
    expect(await failingWith(code, syscall)).toEqual({ code: 'ERR_REFRESH_UNCERTAIN', attempts: 1 })
  })

  async function failingWith(code: string, syscall: string | undefined): Promise<{ code: string | undefined; attempts: number }> {
    vi.useFakeTimers()
    let attempts = 0
    const failed = rejection(
      refreshWith({
        request: {
          adapter: async (config) => {
            attempts++
            throw networkError(code, syscall, config)
          },
        },
      }),
    )
    await vi.advanceTimersByTimeAsync(5000)
    return { code: (await failed).code, attempts }
  }
})
