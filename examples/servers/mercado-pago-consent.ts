import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readText } from './listen.ts'

/** What is entered on the page of the application, at Mercado Pago. */
export interface Application {
  readonly clientId: string
  /** Where sellers come back to; the `redirect_uri` of a request must be this very text (RFC 9700, 2.1). Without one, none is good. */
  redirectUrl?: string
  /** Whether PKCE is switched on: then no request goes without it. */
  pkce: boolean
}

/** What an authorization code stands for. */
interface Consent {
  sellerId: number
  redirectUrl: string
  challenge: string | null
  givenAt: number
}

/** The page on which sellers allow an application, and the codes that come of it. */
export interface ConsentPage {
  /** Answers the page (GET) and the seller's decision on it (POST). */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** Takes a code back, once: the seller who gave it; `undefined` when it is not good. */
  redeem(sent: Record<string, unknown>): number | undefined
}

/** How long Mercado Pago's codes live. */
const TEN_MINUTES = 600_000

export function openConsentPage(application: Application): ConsentPage {
  const codes = new Map<string, Consent>()

  /** What is wrong with a request for consent. */
  function flaw(query: URLSearchParams): string | undefined {
    const { clientId, redirectUrl, pkce } = application
    if (query.get('client_id') !== clientId) return 'client_id'
    if (query.get('response_type') !== 'code') return 'response_type'
    if (query.get('platform_id') !== 'mp') return 'platform_id'
    if (!redirectUrl || query.get('redirect_uri') !== redirectUrl) return 'redirect_uri'
    if (pkce && !query.get('code_challenge')) return 'code_challenge'
    if (query.get('code_challenge') && query.get('code_challenge_method') !== 'S256') return 'code_challenge_method'
    return undefined
  }

  function decide(query: URLSearchParams, form: URLSearchParams): URL {
    const redirectUrl = query.get('redirect_uri') ?? ''
    const back = new URL(redirectUrl)
    if (form.get('decision') === 'allow') {
      const code = `TG-${randomBytes(16).toString('hex')}-${form.get('seller')}`
      codes.set(code, { sellerId: Number(form.get('seller')), redirectUrl, challenge: query.get('code_challenge'), givenAt: Date.now() })
      back.searchParams.set('code', code)
    } else back.searchParams.set('error', 'access_denied')
    const state = query.get('state')
    if (state !== null) back.searchParams.set('state', state)
    return back
  }

  return {
    async answer(request, response) {
      const query = new URL(request.url ?? '', 'http://localhost').searchParams
      const wrong = flaw(query)
      // Who asks wrongly is not sent anywhere: the address may be an attacker's.
      if (wrong) response.writeHead(400, { 'content-type': 'text/plain' }).end(`invalid ${wrong}`)
      else if (request.method === 'GET') response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE)
      else {
        const location = decide(query, new URLSearchParams(await readText(request))).href
        response.writeHead(302, { location }).end()
      }
    },
    redeem({ code, redirect_uri, code_verifier }) {
      const consent = codes.get(String(code))
      codes.delete(String(code))
      if (!consent || Date.now() - consent.givenAt > TEN_MINUTES || consent.redirectUrl !== redirect_uri) return undefined
      if (consent.challenge !== null && !verifies(String(code_verifier ?? ''), consent.challenge)) return undefined
      return consent.sellerId
    },
  }
}

/** RFC 7636, 4.6, with S256. */
function verifies(verifier: string, challenge: string): boolean {
  const made = Buffer.from(createHash('sha256').update(verifier).digest('base64url'))
  const sent = Buffer.from(challenge)
  return made.length === sent.length && timingSafeEqual(made, sent)
}

const PAGE = `<!doctype html>
<meta charset="utf-8"><title>Mercado Pago, as far as an example goes</title>
<h1>An app asks to act for you</h1>
<form method="post">
  <label>You are seller <input name="seller" value="4711" inputmode="numeric"></label>
  <button name="decision" value="allow">Allow</button>
  <button name="decision" value="deny">Do not allow</button>
</form>
`
