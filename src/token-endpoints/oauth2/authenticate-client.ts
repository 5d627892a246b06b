/** How a client proves who it is to the token endpoint (RFC 6749, 2.3.1; names of RFC 7591). */
export type ClientAuthentication = 'client_secret_post' | 'client_secret_basic' | 'none'

/** Who the client is. */
export interface ClientCredentials {
  clientId?: string
  clientSecret?: string
  clientAuthentication?: ClientAuthentication
}

/** Adds the client's credentials to the parameters and headers of a request. */
export function authenticateClient(
  { clientId, clientSecret, clientAuthentication }: ClientCredentials,
  parameters: Record<string, string>,
): { parameters: Record<string, string>; headers: Record<string, string> } {
  const method = clientAuthentication ?? (clientSecret ? 'client_secret_post' : 'none')
  if (method === 'client_secret_basic') {
    const credentials = btoa(`${formEncode(clientId)}:${formEncode(clientSecret)}`)
    return { parameters, headers: { Authorization: `Basic ${credentials}` } }
  }
  const sent = { ...parameters }
  if (clientId) sent.client_id = clientId
  if (clientSecret && method === 'client_secret_post') sent.client_secret = clientSecret
  return { parameters: sent, headers: {} }
}

/** RFC 6749, appendix B: id and secret are form-encoded before they go into the Basic header. */
function formEncode(text = ''): string {
  // Not as pairs: before 0.80, React Native takes an object and nothing else.
  return new URLSearchParams({ '': text }).toString().slice(1)
}
