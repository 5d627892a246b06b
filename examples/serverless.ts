// Functions of a serverless platform, which freezes the process when the response has left: what is under way then goes
// on at the next request, or never. So nothing may be begun that nobody waits for. There are two ways.
//
//   API_URL=... TOKEN_ENDPOINT=... CLIENT_ID=... CLIENT_SECRET=... REDIS_URL=...
import axios, { type AxiosInstance } from 'axios'
import { attach, createSession, oauth2, type Session, type SessionOptions } from 'axios-renew'
import { redisStore } from 'axios-renew/redis'
import { createClient } from 'redis'

const { API_URL, TOKEN_ENDPOINT = '', CLIENT_ID = '', CLIENT_SECRET, REDIS_URL } = process.env

// Beside each other run as many processes as there are requests: a store that they share is a must.
const redis = createClient({ url: REDIS_URL })
redis.on('error', ({ message }) => console.error(`Redis: ${message}`))
const connected = redis.connect()

/** What a platform calls. */
type Handler = (request: Request) => Promise<Response>

function connect(options: Partial<SessionOptions>): { session: Session; api: AxiosInstance } {
  const session = createSession({
    ...oauth2({ tokenEndpoint: TOKEN_ENDPOINT, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET }),
    store: redisStore(redis),
    account: 'our shop',
    ...options,
  })
  const api = axios.create({ baseURL: API_URL })
  attach(api, session)
  return { session, api }
}

function handlerFor({ session, api }: ReturnType<typeof connect>): Handler {
  return async (request) => {
    await connected
    if (request.method === 'POST') {
      // A stub for the exchange of a code.
      await session.signIn(await request.json())
      return new Response(null, { status: 204 })
    }
    const { data } = await api.get('/v1/payments/1')
    return Response.json(data)
  }
}

/**
 * Where there is a `waitUntil` (Vercel, Cloudflare, Netlify): the token is renewed ahead of time, beside the response, and
 * the platform lets the process run until the new pair is saved.
 */
export function withWaitUntil(waitUntil: (work: Promise<unknown>) => void): Handler {
  return handlerFor(connect({ waitUntil }))
}

/** Where there is none (AWS Lambda): nothing is done ahead of time, so a request that needs a new token waits for it. */
export function withoutBackground(): Handler {
  return handlerFor(connect({ refreshAheadMs: 0 }))
}
