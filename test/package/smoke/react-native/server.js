/**
 * A strict authorization server and an API in memory, behind an `XMLHttpRequest`: all that React Native has of a network.
 * A refresh token is good once; sent twice, the grant is gone.
 */
export function createServer() {
  let generation = 1
  let accepted = true
  let revoked = false
  const server = {
    tokenRequests: 0,
    log: [],
    /** All requests, as they were sent. */
    requests: [],
    /** What the API says to a token that it does not accept. */
    refusal: { error: 'invalid_token' },
    pair: () => ({ access_token: `access-${generation}`, refresh_token: `refresh-${generation}`, expires_in: 3600 }),
    expire: () => {
      accepted = false
    },
    revoke: () => {
      accepted = false
      revoked = true
    },
    answer(request) {
      server.requests.push(request)
      return /\/token$/.test(request.url) ? token(request) : api(request)
    },
  }

  function token({ body }) {
    server.tokenRequests++
    server.log.push('token request')
    if (revoked || !String(body).includes(`refresh_token=refresh-${generation}`)) {
      revoked = true
      return { status: 400, body: { error: 'invalid_grant' } }
    }
    generation++
    accepted = true
    return { status: 200, body: server.pair() }
  }

  function api({ headers }) {
    if (!accepted || headers.authorization !== `Bearer access-${generation}`) return { status: 401, body: server.refusal }
    server.log.push('served')
    return { status: 200, body: { ok: true } }
  }

  return server
}

/** An `XMLHttpRequest` whose requests `answer` answers, a little later. */
export function xhrOf(answer) {
  return class XMLHttpRequest {
    readyState = 0
    status = 0
    statusText = ''
    responseText = ''
    responseType = ''
    responseURL = ''
    timeout = 0
    #request = { headers: {} }
    #aborted = false

    get response() {
      return this.responseText
    }

    open(method, url) {
      Object.assign(this.#request, { method, url })
      this.readyState = 1
    }

    setRequestHeader(name, value) {
      this.#request.headers[name.toLowerCase()] = value
    }

    getAllResponseHeaders() {
      return 'content-type: application/json\r\n'
    }

    getResponseHeader(name) {
      return name.toLowerCase() === 'content-type' ? 'application/json' : null
    }

    addEventListener(name, listener) {
      this[`on${name}`] = listener
    }

    send(body) {
      // The headers are what they were when it was sent.
      const { status, body: said } = answer({ ...this.#request, body })
      setTimeout(() => this.#arrive(status, JSON.stringify(said)), status === 200 ? 5 : 1)
    }

    abort() {
      this.#aborted = true
      this.onabort?.()
    }

    #arrive(status, text) {
      if (this.#aborted) return
      Object.assign(this, { status, responseText: text, responseURL: this.#request.url, readyState: 4 })
      this.onreadystatechange?.()
      this.onload?.()
      this.onloadend?.()
    }
  }
}
