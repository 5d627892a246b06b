import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { close, listen } from '../../examples/servers/listen.ts'
import type { RealmOrders, RealmState } from './realm.ts'

/** A realm as the server holds it. */
interface ServerRealm extends RealmState, Pick<RealmOrders, 'tokenAnswer' | 'holdToken'> {
  spent: Set<string>
  generation: number
  /** Requests that wait to be released, by name. */
  held: Map<string, (() => void)[]>
  /** Told whenever something arrives. */
  watchers: (() => void)[]
  arrivals: number
}

/**
 * A small API with a strict token endpoint (single-use refresh tokens, reuse revokes), told by HTTP what
 * to do, so that the same tests can drive it from Node and from a page.
 */
export async function startRealmServer(): Promise<{ origin: string; close(): Promise<void> }> {
  const realms = new Map<string, ServerRealm>()
  const server = createServer((request, response) => {
    handle(realms, request, response).catch((error) => response.destroy(error))
  })
  const origin = await listen(server)
  return { origin, close: () => close(server) }
}

async function handle(realms: Map<string, ServerRealm>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const [, name = '', service = ''] = url.pathname.split('/')
  const realm = realms.get(name) ?? newRealm()
  realms.set(name, realm)
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*')
  response.setHeader('access-control-allow-credentials', 'true')
  response.setHeader('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE')
  response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*')
  response.setHeader('access-control-expose-headers', 'www-authenticate, retry-after, location')
  if (request.method === 'OPTIONS') {
    response.end()
    return
  }
  const services: Record<string, Service> = { control, arrived, 'token-requested': tokenRequested, token, api, redirect }
  await (services[service] ?? notFound)(realm, request, response, url)
}

type Service = (realm: ServerRealm, request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void> | void

function newRealm(): ServerRealm {
  return {
    accessToken: 'access-1',
    refreshToken: 'refresh-1',
    tokenRequests: 0,
    revoked: false,
    seen: [],
    spent: new Set(),
    generation: 1,
    held: new Map(),
    watchers: [],
    arrivals: 0,
  }
}

async function control(realm: ServerRealm, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'GET') return json(response, 200, realm)
  const orders: RealmOrders = JSON.parse((await readBody(request)).toString())
  if (orders.expire) realm.accessToken = ''
  if (orders.tokenAnswer !== undefined) realm.tokenAnswer = orders.tokenAnswer
  if (orders.holdToken !== undefined) realm.holdToken = orders.holdToken
  if (orders.release) {
    for (const release of realm.held.get(orders.release) ?? []) release()
    realm.held.delete(orders.release)
  }
  json(response, 200, {})
}

async function arrived(realm: ServerRealm, _request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  await until(realm, () => realm.arrivals >= Number(url.searchParams.get('count')))
  json(response, 200, {})
}

async function tokenRequested(realm: ServerRealm, _request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  await until(realm, () => realm.tokenRequests >= Number(url.searchParams.get('count')))
  json(response, 200, {})
}

async function token(realm: ServerRealm, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { refresh_token } = JSON.parse((await readBody(request)).toString())
  realm.tokenRequests++
  notify(realm)
  if (realm.holdToken) await hold(realm, 'token')
  if (realm.tokenAnswer) return json(response, realm.tokenAnswer.status, realm.tokenAnswer.body, realm.tokenAnswer.headers)
  if (realm.spent.has(refresh_token)) realm.revoked = true
  if (realm.revoked || refresh_token !== realm.refreshToken) return json(response, 400, { error: 'invalid_grant' })
  realm.spent.add(refresh_token)
  realm.generation++
  realm.accessToken = `access-${realm.generation}`
  realm.refreshToken = `refresh-${realm.generation}`
  json(response, 200, { access_token: realm.accessToken, refresh_token: realm.refreshToken, token_type: 'bearer', expires_in: 3600 })
}

/** `?hold=name` waits, `?status=` answers so whatever the token, `?ok=false` answers 200 with an error. */
async function api(realm: ServerRealm, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const body = await readBody(request)
  const sent = request.headers.authorization ?? request.headers['x-token'] ?? url.searchParams.get('token') ?? ''
  const good = realm.accessToken !== '' && String(sent).replace('Bearer ', '') === realm.accessToken && !realm.revoked
  const status = Number(url.searchParams.get('status')) || (good ? 200 : 401)
  const path = `${url.pathname.split('/').slice(3).join('/')}${url.search}`
  realm.seen.push({
    method: request.method ?? '',
    path,
    headers: request.headers as Record<string, string>,
    body: body.toString('hex'),
    status,
  })
  realm.arrivals++
  notify(realm)
  const name = url.searchParams.get('hold')
  if (name) await hold(realm, name)
  if (url.searchParams.get('ok') === 'false' && !good) return json(response, 200, { ok: false, error: 'token_expired' })
  const challenge: Record<string, string> = {}
  if (status === 401) challenge['www-authenticate'] = `Bearer error="${url.searchParams.get('challenge') ?? 'invalid_token'}"`
  json(response, status, { status, path }, challenge)
}

function redirect(_realm: ServerRealm, _request: IncomingMessage, response: ServerResponse, url: URL): void {
  response.writeHead(Number(url.searchParams.get('code') ?? 302), { location: url.searchParams.get('to') ?? '/' }).end()
}

function notFound(_realm: ServerRealm, _request: IncomingMessage, response: ServerResponse): void {
  json(response, 404, { message: 'no such service' })
}

function hold(realm: ServerRealm, name: string): Promise<void> {
  return new Promise((resolve) => realm.held.set(name, [...(realm.held.get(name) ?? []), resolve]))
}

async function until(realm: ServerRealm, holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise<void>((resolve) => realm.watchers.push(resolve))
}

function notify(realm: ServerRealm): void {
  for (const watcher of realm.watchers.splice(0)) watcher()
}

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json', ...headers }).end(text)
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
