/** What the endpoints need to know of the server. */
export interface ClientRules {
  readonly clientId: string
  /** `null`: a public client. */
  readonly clientSecret: string | null
}

type Parameters = Record<string, string>

/** The parameters of a request to an OAuth endpoint whose client is who it says; what to answer, if not. */
export async function readRequest(rules: ClientRules, request: Request): Promise<Parameters | Response> {
  const sent = await readParameters(request)
  return sent instanceof Response ? sent : (refuseClient(rules, request, sent) ?? sent)
}

/** A form (RFC 6749, 3.2), or JSON, as some providers take it. */
async function readParameters(request: Request): Promise<Parameters | Response> {
  const type = request.headers.get('content-type') ?? ''
  const text = await request.text()
  if (/\bjson\b/.test(type)) {
    try {
      return Object(JSON.parse(text))
    } catch {
      return oauthError('invalid_request', 'the body is not JSON')
    }
  }
  if (!/^application\/x-www-form-urlencoded\b/.test(type)) return oauthError('invalid_request', 'expected a form, or JSON')
  const form = new URLSearchParams(text)
  const names = [...form.keys()]
  if (new Set(names).size < names.length) return oauthError('invalid_request', 'a parameter must not come twice')
  return Object.fromEntries(form)
}

/** Whether the client is who it says: by HTTP Basic or by the body, and not by both (RFC 6749, 2.3). */
function refuseClient({ clientId, clientSecret }: ClientRules, request: Request, sent: Parameters): Response | undefined {
  const [scheme = '', credentials = ''] = (request.headers.get('authorization') ?? '').split(' ')
  const basic = scheme.toLowerCase() === 'basic'
  if (basic && sent.client_secret !== undefined)
    return oauthError('invalid_request', 'a client must not prove who it is in two ways at once')
  const shown = basic ? decodeBasic(credentials) : [sent.client_id, sent.client_secret]
  if (!shown) return oauthError('invalid_request', 'the Authorization header is malformed')
  const [id, secret] = shown
  const isClient = clientSecret === null ? id === undefined || id === clientId : id === clientId && secret === clientSecret
  if (isClient) return undefined
  return oauthError('invalid_client', 'client authentication failed', 401, basic ? { 'www-authenticate': 'Basic realm="fake"' } : {})
}

/** Name and secret, of which only the name has no colon. */
function decodeBasic(credentials: string): string[] | undefined {
  try {
    const [, ...parts] = /^([^:]*):(.*)$/s.exec(atob(credentials)) ?? []
    return parts.length > 0 ? parts.map((part) => decodeURIComponent(part.replaceAll('+', ' '))) : undefined
  } catch {
    return undefined
  }
}

/** An error of the token endpoint (RFC 6749, 5.2). */
export function oauthError(error: string, error_description: string, status = 400, headers: Record<string, string> = {}): Response {
  return Response.json({ error, error_description }, { status, headers: { 'cache-control': 'no-store', ...headers } })
}
