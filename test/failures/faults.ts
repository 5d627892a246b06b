import type { ServerResponse } from 'node:http'
import type { Fault } from './faulty-proxy.ts'

const JSON_TYPE = 'application/json'
const HTML = '<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>'

/** A fault, and what must come of it. */
export interface Row {
  what: string
  fault: Fault
  code: 'ERR_SESSION_ENDED' | 'ERR_CLIENT_REJECTED' | 'ERR_REFRESH_FAILED' | 'ERR_REFRESH_UNCERTAIN'
}

/** Something on the way answers; the real server never hears of it. */
function instead(status: number, body: unknown = '', headers: Record<string, string> = {}): Fault {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain' : JSON_TYPE
  return {
    reaches: false,
    answer: (response) => response.writeHead(status, { 'content-type': type, ...headers }).end(text),
  }
}

/** The real server has made a new pair, and its answer is spoiled on the way back. */
function afterwards(spoil: (response: ServerResponse, text: string) => void): Fault {
  return { reaches: true, answer: (response, real) => spoil(response, String(real?.text)) }
}

function page(status: number): Fault {
  return instead(status, HTML, { 'content-type': 'text/html' })
}

const ENDED: Row[] = [
  ['invalid_grant', instead(400, { error: 'invalid_grant' })],
  ['invalid_grant on 403 (Auth0)', instead(403, { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' })],
  ['invalid_grant on 200', instead(200, { error: 'invalid_grant' })],
  ['bad_refresh_token on 200 (GitHub)', instead(200, { error: 'bad_refresh_token' })],
  ['invalid_refresh_token on 200 (Slack)', instead(200, { ok: false, error: 'invalid_refresh_token' })],
  ['BAD_REFRESH_TOKEN (HubSpot)', instead(400, { status: 'BAD_REFRESH_TOKEN', message: 'missing or invalid refresh token' })],
  ['Invalid refresh token (Twitch)', instead(400, { error: 'Bad Request', status: 400, message: 'Invalid refresh token' })],
  ['unauthorized_application (Mercado Libre)', instead(400, { error: 'unauthorized_application' })],
].map(([what, fault]) => ({ what, fault, code: 'ERR_SESSION_ENDED' }) as Row)

const CLIENT_REJECTED: Row[] = [
  ['invalid_client', instead(401, { error: 'invalid_client' })],
  ['invalid_client on 200', instead(200, { error: 'invalid_client' })],
  ['unauthorized_client', instead(400, { error: 'unauthorized_client' })],
  ['invalid_scope', instead(400, { error: 'invalid_scope' })],
  ['unsupported_grant_type', instead(400, { error: 'unsupported_grant_type' })],
  ['invalid_request', instead(400, { error: 'invalid_request' })],
  ['401 without a body', instead(401)],
  ['401 as a page', page(401)],
].map(([what, fault]) => ({ what, fault, code: 'ERR_CLIENT_REJECTED' }) as Row)

const FAILED: Row[] = [
  ['429 as plain text', instead(429, 'local_rate_limited')],
  ['429 with seconds to wait', instead(429, 'slow down', { 'retry-after': '30' })],
  ['429 with a date', instead(429, 'slow down', { 'retry-after': new Date(Date.now() + 30_000).toUTCString() })],
  ['503', instead(503)],
  ['503 with seconds to wait', instead(503, '', { 'retry-after': '30' })],
  ['a captive portal', page(200)],
  ['a firewall', page(403)],
  ['a wrong path', page(404)],
  ['408', instead(408)],
  ['a redirect', instead(302, '', { location: 'https://login.example.com/' })],
  ['temporarily_unavailable', instead(400, { error: 'temporarily_unavailable' })],
  ['an unknown error on 200', instead(200, { error: 'server_error' })],
  ['an object without tokens', instead(200, { status: 'ok' })],
  ['an array', instead(200, [])],
].map(([what, fault]) => ({ what, fault, code: 'ERR_REFRESH_FAILED' }) as Row)

const UNCERTAIN: Row[] = [
  [
    'reset when the request was read, before anything was done',
    { reaches: false, answer: (response: ServerResponse) => response.destroy() },
  ],
  ['reset in place of an answer', afterwards((response) => response.destroy())],
  ['500 from a gateway', afterwards((response) => response.writeHead(500).end(HTML))],
  ['502', afterwards((response) => response.writeHead(502).end(HTML))],
  ['504', afterwards((response) => response.writeHead(504).end('upstream request timeout'))],
  ['500 before anything was done', page(500)],
  ['502 before anything was done', page(502)],
  ['504 before anything was done', page(504)],
  ['524 (Cloudflare)', page(524)],
  ['200 without a body', afterwards((response) => response.end())],
  ['204', afterwards((response) => response.writeHead(204).end())],
  ['half an answer', afterwards((response, text) => response.end(text.slice(0, 60)))],
  [
    'an answer cut off',
    afterwards((response, text) => {
      response.writeHead(200, { 'content-length': String(text.length) })
      response.write(text.slice(0, 60), () => response.destroy())
    }),
  ],
  ['an answer that is huge', afterwards((response, text) => response.end(text + ' '.repeat(2 ** 20)))],
  ['an answer in no known encoding', afterwards((response, text) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(text))],
  ['prose', afterwards((response) => response.end('it worked'))],
].map(([what, fault]) => ({ what, fault, code: 'ERR_REFRESH_UNCERTAIN' }) as Row)

export const rows: Row[] = [...ENDED, ...CLIENT_REJECTED, ...FAILED, ...UNCERTAIN]

/** What spoils nothing: the tokens are there. */
export const harmless: [what: string, fault: Fault][] = [
  ['a wrong content type', afterwards((response, text) => response.writeHead(200, { 'content-type': 'text/html' }).end(text))],
  ['no content type', afterwards((response, text) => response.end(text))],
  ['a byte order mark', afterwards((response, text) => response.end(`\uFEFF${text}`))],
  [
    'a form in place of JSON',
    afterwards((response, text) =>
      response.end(new URLSearchParams(Object.entries(JSON.parse(text)).map(([k, v]) => [k, String(v)])).toString()),
    ),
  ],
  ['201', afterwards((response, text) => response.writeHead(201).end(text))],
]
