/** What the endpoints need to know of the server. */
export interface ClientRules {
  readonly clientId: string
  /** `null`: a public client. */
  readonly clientSecret: string | null
}

/** The parameters of a request to an OAuth endpoint: a form (RFC 6749), or JSON, as some providers take it. */
export async function readParameters(request: Request): Promise<Record<string, string>> {
  const text = await request.text()
  if (!/json/.test(request.headers.get('content-type') ?? '')) return Object.fromEntries(new URLSearchParams(text))
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

/** Whether the client is who it says: by HTTP Basic or by the body (RFC 6749, 2.3.1). The error to answer with, if not. */
export function refuseClient(
  { clientId, clientSecret }: ClientRules,
  request: Request,
  sent: Record<string, string>,
): Response | undefined {
  const [scheme = '', credentials = ''] = (request.headers.get('authorization') ?? '').split(' ')
  const basic = scheme.toLowerCase() === 'basic'
  const [id, secret] = basic ? decodeBasic(credentials) : [sent.client_id, sent.client_secret]
  const isClient = clientSecret === null ? id === undefined || id === clientId : id === clientId && secret === clientSecret
  if (isClient) return undefined
  return oauthError('invalid_client', 'client authentication failed', 401, basic ? { 'www-authenticate': 'Basic realm="fake"' } : {})
}

function decodeBasic(credentials: string): (string | undefined)[] {
  try {
    return atob(credentials)
      .split(':')
      .map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
  } catch {
    return []
  }
}

/** An error of the token endpoint (RFC 6749, 5.2). */
export function oauthError(error: string, error_description: string, status = 400, headers: Record<string, string> = {}): Response {
  return Response.json({ error, error_description }, { status, headers: { 'cache-control': 'no-store', ...headers } })
}
