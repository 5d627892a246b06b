/*
 * Globals as poor as those of React Native: `fetch` on top of `XMLHttpRequest` and without streams, signals without a reason, a `URL`
 * that is half of one. For where React Native itself is not installed; `globals.js` takes its own code.
 */
class Headers {
  #fields = new Map()

  constructor(given = {}) {
    const fields = given instanceof Headers ? given.#fields : Object.entries(given)
    for (const [name, value] of fields) this.set(name, value)
  }

  get = (name) => this.#fields.get(name.toLowerCase()) ?? null
  has = (name) => this.#fields.has(name.toLowerCase())
  set = (name, value) => void this.#fields.set(name.toLowerCase(), String(value))
  delete = (name) => void this.#fields.delete(name.toLowerCase())
  forEach = (callback) => this.#fields.forEach((value, name) => void callback(value, name, this))
}

class Response {
  bodyUsed = false
  #text

  constructor(text, { status = 200, headers, url = '' } = {}) {
    Object.assign(this, { status, ok: status >= 200 && status < 300, headers: new Headers(headers), url })
    this.#text = text
  }

  clone = () => {
    const { status, headers, url } = this
    return new Response(this.#text, { status, headers, url })
  }

  text = async () => {
    this.bodyUsed = true
    return this.#text
  }

  json = async () => JSON.parse(await this.text())
}

function fetch(url, { method = 'GET', headers, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(method, String(url))
    new Headers(headers).forEach((value, name) => void request.setRequestHeader(name, value))
    request.onload = () => {
      const { status, responseText, responseURL } = request
      resolve(
        new Response(responseText, { status, url: responseURL, headers: { 'content-type': request.getResponseHeader('content-type') } }),
      )
    }
    request.onabort = reject
    request.send(body)
  })
}

class AbortSignal {
  aborted = false
  listeners = new Set()

  addEventListener = (_name, listener) => void this.listeners.add(listener)
  removeEventListener = (_name, listener) => void this.listeners.delete(listener)
}

class AbortController {
  signal = new AbortSignal()

  abort() {
    if (this.signal.aborted) return
    this.signal.aborted = true
    for (const listener of this.signal.listeners) listener.handleEvent ? listener.handleEvent() : listener()
  }
}

/** Before React Native 0.80: whatever is asked of it, it has not. */
class UrlOf79 {
  constructor(url) {
    this.href = url
  }

  toString() {
    return this.href
  }
}
for (const name of ['hash', 'host', 'hostname', 'origin', 'password', 'pathname', 'port', 'protocol', 'search', 'username']) {
  Object.defineProperty(UrlOf79.prototype, name, {
    get() {
      throw new Error(`URL.${name} is not implemented`)
    },
  })
}

/** Since then: what stands before any `@` is the user, nothing is put in order, and anything is a URL. */
class UrlOf80 {
  constructor(url) {
    this.href = url
  }

  #find(pattern) {
    return pattern.exec(this.href)?.[1] ?? ''
  }

  get protocol() {
    return this.#find(/^([a-z\d+.-]+:)/i)
  }

  get origin() {
    return this.#find(/^(https?:\/\/[^/]+)/)
  }

  get hostname() {
    return this.#find(/^https?:\/\/(?:[^@]+@)?([^:/?#]+)/)
  }

  get username() {
    return this.#find(/^https?:\/\/([^:@]+)(?::[^@]*)?@/)
  }

  get password() {
    return this.#find(/https?:\/\/.*:(.*)@/)
  }

  toString() {
    return this.href
  }
}

/** Before 0.80 it takes an object, and nothing else. */
class URLSearchParams {
  #pairs = []

  constructor(given) {
    if (typeof given === 'object') for (const name of Object.keys(given)) this.append(name, given[name])
  }

  append(name, value) {
    this.#pairs.push([name, value])
  }

  toString() {
    return this.#pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
  }
}

// Or that of a polyfill.
const URL = { 0.79: UrlOf79, '0.80': UrlOf80 }[globalThis.reactNative] ?? globalThis.URL
// axios looks for it when it is loaded.
globalThis.XMLHttpRequest = class {}
Object.assign(globalThis, {
  navigator: { product: 'ReactNative' },
  window: globalThis,
  self: globalThis,
  AbortController,
  fetch,
  Headers,
  Response,
  URL,
  URLSearchParams,
})
// Those are of the engine, and Hermes has them not, or only of late.
delete globalThis.FinalizationRegistry
delete globalThis.WeakRef
