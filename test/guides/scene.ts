import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import axios, { type AxiosInstance } from 'axios'
import { attach, createSession, type OAuth2Options, oauth2, type Session, type SessionOptions } from 'axios-renew'
import { type FakeAuthServer, type FakeAuthServerOptions, fakeAuthServer, fakeClock } from 'axios-renew/testing'
import { onTestFinished } from 'vitest'
import { close, listen } from '../../examples/servers/listen.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A strict authorization server and an API that takes its tokens, for one test. */
export interface Scene {
  auth: FakeAuthServer
  /** The API. */
  url: string
  /** What the API answered, one status a request. */
  answers: number[]
  /** The options of a session at the authorization server. */
  oauth(more?: Partial<OAuth2Options>): ReturnType<typeof oauth2>
  /** A session at that server, and a client of the API with it. */
  open(options?: Partial<SessionOptions>): { session: Session; api: AxiosInstance }
}

/** @param refuse what the API answers to a token that is no good. Default: 401. */
export async function startScene(options: FakeAuthServerOptions = {}, refuse: Handler = (_, response) => response.writeHead(401).end()) {
  const auth = fakeAuthServer(options)
  await auth.listen()
  onTestFinished(() => auth.close())
  const answers: number[] = []
  const url = await serve((request, response) => {
    const good = auth.accepts(request.headers.authorization ?? null)
    request.resume().on('end', () => (good ? response.end('{"ok":true}') : refuse(request, response)))
    response.on('finish', () => answers.push(response.statusCode))
  })
  const { tokenEndpoint, clientId, clientSecret } = auth
  const oauth: Scene['oauth'] = (more) => oauth2({ tokenEndpoint, clientId, clientSecret: clientSecret ?? undefined, ...more })
  const open: Scene['open'] = (given) => {
    const session = createSession({ ...oauth(), ...given })
    const api = axios.create({ baseURL: url })
    attach(api, session)
    return { session, api }
  }
  return { auth, url, answers, oauth, open } satisfies Scene
}

/** Somebody is signed in, the access token has expired, and the token endpoint is down: until the session has rested, on this clock. */
export async function startOutage() {
  const clock = fakeClock()
  const { auth, open } = await startScene({ clock })
  const { session, api } = open({ clock })
  await session.signIn(auth.signIn())
  auth.expire()
  auth.fail({ status: 503 })
  return { auth, clock, session, api }
}

/** Starts a server on loopback for one test. */
export async function serve(handler: Handler): Promise<string> {
  const server = createServer(handler)
  const url = await listen(server)
  onTestFinished(() => close(server))
  return url
}
