import { inspect } from 'node:util'
import { oauth2 } from 'axios-renew'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { rejection } from '../support/session-kit.ts'
import { refreshWith, sessionWith } from './refresh-with.ts'
import { closedPort, json, startEndpoint } from './start-endpoint.ts'

const REFRESH_TOKEN = '1//0g/r"e+f=resh&to%ken ü'
const CLIENT = { clientId: 'my-app', clientSecret: 's3/c"r+e=t&of%the client ü' }
const BASIC = { ...CLIENT, clientAuthentication: 'client_secret_basic' } as const

afterEach(() => {
  vi.restoreAllMocks()
})

/** Every way a secret is written on its way. */
function spellings(secret: string): string[] {
  const form = new URLSearchParams([['', secret]]).toString().slice(1)
  return [secret, form, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
}

/** Everything that a log or an error reporter could print of an error, and of the errors below it. */
function printed(thrown: unknown): string {
  const texts: string[] = []
  for (let error = thrown; error instanceof Error; error = error.cause) {
    texts.push(error.message, String(error), error.stack ?? '', JSON.stringify(error), JSON.stringify({ ...error }))
    texts.push(inspect(error, { depth: 10 }))
  }
  return texts.join('\n')
}

function expectNoSecretIn(text: string, options: { clientId: string; clientSecret: string } = CLIENT): void {
  const form = spellings(options.clientId)[1]
  const secrets = [...spellings(REFRESH_TOKEN), ...spellings(options.clientSecret), btoa(`${form}:${spellings(options.clientSecret)[1]}`)]
  for (const secret of secrets) expect(text).not.toContain(secret)
}

describe('a server that echoes secrets', () => {
  test.each([
    ['as they are', (body: string) => Object.values(Object.fromEntries(new URLSearchParams(body))).join(' ')],
    ['as they came', (body: string) => body],
    ['escaped for JSON', (body: string) => JSON.stringify(Object.fromEntries(new URLSearchParams(body)))],
    ['with percent signs', (body: string) => [...new URLSearchParams(body).values()].map(encodeURIComponent).join(' ')],
  ])('%s gets none of them into an error', async (_name, echo) => {
    for (const field of ['error', 'error_description', 'message', 'code', 'errorKey']) {
      for (const [status, error] of [
        [400, 'invalid_grant'],
        [401, 'invalid_client'],
        [429, 'slow_down'],
        [500, 'server_error'],
        [200, 'strange'],
      ] as const) {
        let body = ''
        const { url, bodies } = await startEndpoint((response) => {
          body = bodies[0] ?? ''
          json(response, { error, [field]: `cannot read: ${echo(body)}` }, status)
        })
        const thrown = await rejection(refreshWith({ tokenEndpoint: url, ...CLIENT }, { refreshToken: REFRESH_TOKEN }))
        expect(body).toContain('refresh_token=')
        expectNoSecretIn(printed(thrown))
      }
    }
  })

  test('in the Basic header gets none of them into an error', async () => {
    const { url } = await startEndpoint((response, request) =>
      json(response, { error: 'invalid_client', error_description: `bad header ${request.headers.authorization}` }, 401),
    )
    const thrown = await rejection(refreshWith({ tokenEndpoint: url, ...BASIC }, { refreshToken: REFRESH_TOKEN }))
    expect(thrown.message).toContain('bad header')
    expectNoSecretIn(printed(thrown))
  })

  test('still has its other words heard', async () => {
    const { url } = await startEndpoint((response) =>
      json(response, { error: 'invalid_grant', error_description: `${REFRESH_TOKEN} was revoked by the user` }, 400),
    )
    const { message } = await rejection(refreshWith({ tokenEndpoint: url, ...CLIENT }, { refreshToken: REFRESH_TOKEN }))
    expect(message).toBe('The server refused the refresh token (status 400, invalid_grant, *** was revoked by the user): sign in again')
  })

  test('gives tokens and something strange gets no token into the error', async () => {
    const { url } = await startEndpoint((response) => json(response, { accesstoken: 'secret-access', data: { token: 'secret-token' } }))
    const thrown = await rejection(sessionWith(oauth2({ tokenEndpoint: url })).refresh())
    expect(thrown.message).toContain('accesstoken, data')
    expect(printed(thrown)).not.toContain('secret-')
  })
})

describe('a token request that fails', () => {
  test.each([
    ['before it was sent', () => closedPort()],
    ['while the answer was awaited', async () => (await startEndpoint((response) => response.destroy())).url],
    ['with an answer that is too large', async () => (await startEndpoint((response) => response.end('x'.repeat(2 ** 21)))).url],
  ])('%s keeps its secrets out of the error', async (_name, endpoint) => {
    for (const client of [CLIENT, BASIC]) {
      const tokenEndpoint = await endpoint()
      const thrown = await rejection(refreshWith({ tokenEndpoint, ...client }, { refreshToken: REFRESH_TOKEN }))
      expect(thrown.cause).toBeInstanceOf(Error)
      expectNoSecretIn(printed(thrown))
    }
  })

  test('keeps its secrets out of the events of the session, and out of the console', async () => {
    const lines: unknown[] = []
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
      vi.spyOn(console, method).mockImplementation((...line) => lines.push(line))
    const { url } = await startEndpoint((response) => response.destroy())
    const session = sessionWith({
      ...oauth2({ tokenEndpoint: url, ...CLIENT }),
      tokens: { access_token: 'a', refresh_token: REFRESH_TOKEN },
    })
    const events: unknown[] = []
    session.on('refresh-failed', (event) => events.push(event))
    await rejection(session.refresh())
    expect(events).toHaveLength(1)
    expectNoSecretIn(inspect(events, { depth: 10 }) + JSON.stringify(events))
    expect(lines).toEqual([])
  })

  test('still tells the program what happened below', async () => {
    const { url } = await startEndpoint((response) => response.destroy())
    const { cause } = await rejection(refreshWith({ tokenEndpoint: url }))
    expect(cause).toMatchObject({ isAxiosError: true, code: 'ECONNRESET', config: { url } })
  })
})

describe('what oauth2 returns', () => {
  test('does not print the secret', () => {
    const options = oauth2({
      tokenEndpoint: 'https://auth.example.com/token',
      revocationEndpoint: 'https://auth.example.com/revoke',
      ...CLIENT,
    })
    expectNoSecretIn(inspect(options, { depth: 10, showHidden: true }) + JSON.stringify(options))
  })
})
