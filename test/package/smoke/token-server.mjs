import { createServer } from 'node:http'

/**
 * An authorization server with an API behind it, by node:http alone: it works the same in every runtime.
 * A refresh token is good once; sent twice, the grant is gone.
 */
export async function startServer() {
  let generation = 1
  let accepted = true
  let revoked = false
  const counts = { tokenRequests: 0, refused: 0, served: 0 }
  /** What happened, in order. */
  const log = []
  const bodies = []

  const pair = () => ({ access_token: `access-${generation}`, refresh_token: `refresh-${generation}`, expires_in: 3600 })

  function answerToken(body) {
    counts.tokenRequests++
    log.push('token request')
    const form = new URLSearchParams(body)
    if (revoked || form.get('grant_type') !== 'refresh_token' || form.get('refresh_token') !== `refresh-${generation}`) {
      revoked = true
      return [400, { error: 'invalid_grant' }]
    }
    generation++
    accepted = true
    return [200, pair()]
  }

  function answerApi(authorization, body) {
    bodies.push(body)
    if (!accepted || authorization !== `Bearer access-${generation}`) {
      counts.refused++
      return [401, { error: 'invalid_token' }]
    }
    counts.served++
    log.push('served')
    return [200, { ok: true }]
  }

  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const isToken = request.url === '/token'
    const [status, answer] = isToken ? answerToken(body) : answerApi(request.headers.authorization, body)
    // A token request that is answered at once would hide that others are under way.
    if (isToken) await new Promise((resolve) => setTimeout(resolve, 30))
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${server.address().port}`,
    counts,
    log,
    bodies,
    pair,
    /** From now on the access token is refused, without anybody being told. */
    expire: () => {
      accepted = false
    },
    /** From now on the refresh token is refused. */
    revoke: () => {
      accepted = false
      revoked = true
    },
    close: () =>
      new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections?.()
      }),
  }
}
