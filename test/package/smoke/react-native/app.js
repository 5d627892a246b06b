/** What an app does with axios and axios-renew in React Native. `storage` is like AsyncStorage: texts by key. */
import axios from 'axios'
import { attach, createSession, createSessionPool, memoryStore, oauth2 } from 'axios-renew'
import { authFetch } from 'axios-renew/fetch'
import { mercadoPago } from 'axios-renew/providers'
import { createServer, xhrOf } from './server.js'

const API = 'https://api.example.com'
const TOKEN = 'https://auth.example.com/token'

function expectSame(actual, expected) {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`)
}

function createStorage() {
  const rows = new Map()
  return {
    getItem: async (key) => rows.get(key) ?? null,
    setItem: async (key, text) => void rows.set(key, text),
    removeItem: async (key) => void rows.delete(key),
  }
}

/** A server, a storage that outlives the app, and what starts the app. */
function installed(options) {
  const server = createServer()
  globalThis.XMLHttpRequest = xhrOf(server.answer)
  const storage = createStorage()
  const start = () => {
    const session = createSession({
      ...oauth2({ tokenEndpoint: TOKEN, clientId: 'app' }),
      load: async (account) => JSON.parse(await storage.getItem(`tokens:${account}`)),
      save: async (tokens, account) => {
        if (tokens) await storage.setItem(`tokens:${account}`, JSON.stringify(tokens))
        else await storage.removeItem(`tokens:${account}`)
        server.log.push('saved')
      },
      ...options,
    })
    const api = axios.create({ baseURL: API })
    attach(api, session)
    return { session, api, fetchApi: authFetch(session, { origins: [API] }) }
  }
  return { server, storage, start }
}

async function signedIn(options) {
  const { server, storage, start } = installed(options)
  const app = start()
  await app.session.signIn(server.pair())
  return { server, storage, start, ...app }
}

const authorized = ({ requests }) => requests.filter(({ headers }) => /^Bearer /.test(headers.authorization)).map(({ url }) => url)

export const checks = {
  'axios: a hundred requests refused at once, one token request': async () => {
    const { server, api } = await signedIn()
    server.expire()
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => api.get(`/orders/${index}`)))
    expectSame([answers.filter(({ status }) => status === 200).length, server.tokenRequests], [100, 1])
  },

  'fetch: a hundred requests refused at once, one token request': async () => {
    const { server, fetchApi } = await signedIn()
    server.expire()
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => fetchApi(`${API}/orders/${index}`)))
    expectSame([answers.filter(({ status }) => status === 200).length, server.tokenRequests], [100, 1])
  },

  'fetch: a body is sent again as it was': async () => {
    const { server, fetchApi } = await signedIn()
    server.expire()
    const { status } = await fetchApi(`${API}/orders`, { method: 'POST', body: '{"item":1}' })
    const bodies = server.requests.filter(({ url }) => url.startsWith(API)).map(({ body }) => body)
    expectSame([status, bodies], [200, ['{"item":1}', '{"item":1}']])
  },

  'the pair is saved before it is used, and the app goes on with it after a restart': async () => {
    const { server, api, start } = await signedIn()
    server.expire()
    await api.get('/me')
    expectSame(server.log.slice(server.log.indexOf('token request')), ['token request', 'saved', 'served'])
    const { status } = await start().api.get('/me')
    expectSame([status, server.tokenRequests], [200, 1])
  },

  'sign-out forgets the pair': async () => {
    const { storage, session } = await signedIn()
    await session.signOut()
    expectSame(await storage.getItem('tokens:default'), null)
  },

  'a refused refresh token ends the session': async () => {
    const { server, api, fetchApi } = await signedIn()
    server.revoke()
    const codes = await Promise.all([api.get('/me'), fetchApi(`${API}/me`)].map((request) => request.catch(({ code }) => code)))
    expectSame([codes, server.tokenRequests], [['ERR_SESSION_ENDED', 'ERR_SESSION_ENDED'], 1])
  },

  'an @ in a path is no user name: the token is sent': async () => {
    const { server, api, fetchApi } = await signedIn()
    await Promise.all([api.get('/users/@me'), fetchApi(`${API}/users/@me?mail=a@example.com`)])
    expectSame(authorized(server).length, 2)
  },

  'the origin may be written in any way': async () => {
    const { server, fetchApi } = await signedIn()
    await Promise.all(
      ['https://API.example.com/a', 'https://api.example.com:443/b', 'https://api.example.com?c'].map((url) => fetchApi(url)),
    )
    expectSame(authorized(server).length, 3)
  },

  'the token goes to no other origin': async () => {
    const { server, api, fetchApi } = await signedIn()
    const others = [
      'https://api.example.com.evil.example/',
      'https://api.example.com@evil.example/',
      'https://evil.example/@api.example.com/',
      'https://evil.example/https://api.example.com/',
      'https://evil.example\\@api.example.com/',
      'https://api.example.com\\@evil.example/',
      'https://api.example.com:8443/',
      'http://api.example.com/',
      '//evil.example/',
    ]
    const ignore = () => {}
    await Promise.all(others.flatMap((url) => [api.get(url).catch(ignore), fetchApi(url).catch(ignore)]))
    expectSame(authorized(server), [])
  },

  'by all origins, plain http gets no token, whatever is in its path': async () => {
    const { server, session } = await signedIn()
    const fetchApi = authFetch(session, { origins: '*' })
    await Promise.all(
      ['http://evil.example/@localhost/', 'http://evil.example/', 'http://localhost@evil.example/'].map((url) => fetchApi(url)),
    )
    expectSame(authorized(server), [])
    await fetchApi('https://other.example/')
    expectSame(authorized(server).length, 1)
  },

  'shouldRefresh sees the body, by axios and by fetch': async () => {
    const seen = []
    const { api, fetchApi, server } = await signedIn({
      shouldRefresh: async ({ body }) => {
        seen.push(await body())
        return false
      },
    })
    server.expire()
    await Promise.all([api.get('/me').catch(() => {}), fetchApi(`${API}/me`)])
    expectSame(seen, [server.refusal, server.refusal])
  },

  ...Object.fromEntries(
    ['axios', 'fetch'].map((client) => [
      `Mercado Pago, by ${client}: a 401 about the set-up does not refresh`,
      async () => {
        const { api, fetchApi, server } = await signedIn(mercadoPago({ clientId: 'app', clientSecret: 'secret', tokenEndpoint: TOKEN }))
        server.refusal = { cause: [{ code: 5 }] }
        server.expire()
        if (client === 'axios') await api.get('/me').catch(() => {})
        else await fetchApi(`${API}/me`)
        expectSame(server.tokenRequests, 0)
      },
    ]),
  ),

  'a pool keeps accounts apart': async () => {
    const pool = createSessionPool({ load: (account) => ({ accessToken: `of-${account}` }), refresh: () => null })
    const tokens = await Promise.all([1, 2].map((account) => pool.session(account).getTokens()))
    expectSame(
      tokens.map(({ accessToken }) => accessToken),
      ['of-1', 'of-2'],
    )
    await pool.close()
  },

  'memoryStore: two sessions, one token request': async () => {
    const server = createServer()
    globalThis.XMLHttpRequest = xhrOf(server.answer)
    const store = memoryStore()
    const session = () => createSession({ ...oauth2({ tokenEndpoint: TOKEN, clientId: 'app' }), store })
    const [one, other] = [session(), session()]
    await one.signIn(server.pair())
    const rejected = await one.getTokens()
    await other.getTokens()
    await Promise.all([one, other].map((session) => session.refresh({ rejected })))
    expectSame(server.tokenRequests, 1)
  },

  'a client secret in a Basic header': async () => {
    const { server, session } = await signedIn(
      oauth2({ tokenEndpoint: TOKEN, clientId: 'app', clientSecret: 's', clientAuthentication: 'client_secret_basic' }),
    )
    await session.refresh()
    expectSame(server.requests[server.requests.length - 1].headers.authorization, 'Basic YXBwOnM=')
  },

  'the expiry in a JWT counts': async () => {
    const session = createSession({ refresh: () => null })
    const claims = { iat: 1_000, exp: 1_600 }
    const base64Url = (value) => btoa(JSON.stringify(value)).replace(/=+$/, '')
    await session.signIn({ access_token: `${base64Url({ alg: 'none' })}.${base64Url(claims)}.x`, refresh_token: 'r1' })
    expectSame(Math.round((session.getSnapshot().expiresAt - Date.now()) / 1000), 600)
  },

  'an aborted wait ends at once; getTokens with a signal, too': async () => {
    const controller = new AbortController()
    const { api, session } = await signedIn({ tokens: { refreshToken: 'r1' }, refresh: () => new Promise(() => {}) })
    const rejected = await session.getTokens({ signal: controller.signal })
    void session.refresh({ rejected }).catch(() => {})
    const waits = [api.get('/me', { signal: controller.signal }), session.getTokens({ signal: controller.signal, minValidityMs: 1e12 })]
    const ended = Promise.all(
      waits.map((wait) =>
        wait.then(
          () => 'served',
          ({ code, name }) => code ?? name,
        ),
      ),
    )
    controller.abort()
    expectSame((await ended)[0], 'ERR_CANCELED')
    const again = await session.getTokens({ signal: controller.signal }).then(
      () => 'served',
      ({ message }) => message,
    )
    if (/is not a function/.test(String(again))) throw new Error(again)
  },
}

/** With the causes: they tell more than what they have led to. */
function stackOf(error) {
  return [error?.stack ?? error, ...(error?.cause ? ['because', stackOf(error.cause)] : [])].join('\n')
}

/** Runs them one after another; gives `report` an object for each. */
export async function run(report) {
  for (const [check, test] of Object.entries(checks)) {
    try {
      await test()
      report({ check, ok: true })
    } catch (error) {
      report({ check, ok: false, why: stackOf(error) })
    }
  }
}
