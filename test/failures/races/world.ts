import axios, { type AxiosInstance } from 'axios'
import { AuthError, attach, createSession, type Session, type TokenSet } from 'axios-renew'
import { fakeClock } from 'axios-renew/testing'
import { settle } from '../../../src/testing/settle.ts'
import { EVENTS } from '../../support/session-kit.ts'
import { Api } from './api.ts'
import { AuthorizationServer } from './authorization-server.ts'
import type { Call, HandedOut, MadeRequest, SignOut } from './calls.ts'
import { type Intention, Notes } from './notes.ts'
import { StorageRow } from './storage-row.ts'

/** How the session of a world is set up. */
export interface Configuration {
  onSaveFailure: 'serve' | 'reject'
  /** There is a revocation endpoint. */
  revoke: boolean
  slowLoad: boolean
}

const TIMEOUT_MS = 10_000

/** A session on an axios instance. Server, storage and API act only when a step says so. */
export class World {
  readonly clock = fakeClock()
  readonly notes = new Notes()
  readonly server = new AuthorizationServer(this.clock, this.notes)
  readonly row = new StorageRow(this.clock, this.notes, TIMEOUT_MS)
  readonly api = new Api(
    (token) => this.server.accepts(token),
    (path, token) => this.#sent(path, token),
  )
  readonly session: Session
  readonly instance: AxiosInstance = axios.create({ baseURL: 'https://api.example.com', adapter: this.api.adapter })
  readonly calls: Call[] = []
  readonly handedOut: HandedOut[] = []
  readonly signOuts: SignOut[] = []
  readonly configuration: Configuration
  /** How many token requests there may be when `close` has been called. */
  requestsAtMost?: number
  readonly #requests = new Map<string, MadeRequest>()
  #detach?: () => void

  /** Ann is signed in: her pair is in the storage. */
  constructor(configuration: Configuration) {
    this.configuration = configuration
    const { onSaveFailure, revoke, slowLoad } = configuration
    const { server, row, clock } = this
    const { load, save } = row
    row.write(server.signIn('ann'))
    row.slowLoad = slowLoad
    this.notes.intention = { grant: String(row.content?.accessToken.split('.')[0]) }
    const { refresh } = server
    this.session = createSession({
      ...{ refresh, load, save, clock, onSaveFailure, refreshTimeoutMs: TIMEOUT_MS },
      ...(revoke && { revoke: server.revoke }),
    })
    for (const name of EVENTS) this.session.on(name, (event) => this.notes.search(`the event ${name}`, event))
    this.session.on('save-failed', ({ error }) => row.saveFailed(String(error.cause).includes('took longer')))
    this.attach()
  }

  attach(): void {
    this.#detach = attach(this.instance, this.session)
  }

  detach(): void {
    this.#detach?.()
    this.#detach = undefined
  }

  get attached(): boolean {
    return this.#detach !== undefined
  }

  request(): MadeRequest {
    const path = `/${this.#requests.size + 1}`
    const request: MadeRequest = { ...this.#newCall(`request ${path}`), attached: this.attached, sends: [] }
    this.#requests.set(path, request)
    void this.#follow(request, this.instance.get(path, { signal: request.controller.signal })).then((response) => {
      if (response) request.outcome = response.status
    })
    return request
  }

  getTokens(): Call {
    return this.#askFor('getTokens', this.notes.intention, (signal) => this.session.getTokens({ signal }))
  }

  /** @param rejected a server has refused these, maybe long ago: it is for them that others are wanted. */
  refresh(rejected?: HandedOut): Call {
    const { intention } = rejected ?? this.notes
    return this.#askFor('refresh', intention, (signal) => this.session.refresh({ signal, rejected: rejected?.tokens }))
  }

  signIn(user: string): Call {
    const tokens = this.server.signIn(user)
    for (const signOut of this.signOuts) signOut.signedInSince = true
    this.notes.intention = { grant: String(this.server.grantOf(tokens.accessToken)?.name) }
    this.notes.delivered.add(String(tokens.refreshToken))
    return this.#call('signIn', () => this.session.signIn(tokens))
  }

  signOut(): Call {
    const { grant } = this.notes.intention
    const { status } = this.session
    if (grant !== null)
      this.signOuts.push({ grant, quiet: status === 'active' && this.isQuiet, unread: status === 'unknown', signedInSince: false })
    this.notes.intention = { grant: null }
    return this.#call('signOut', () => this.session.signOut())
  }

  close(): Call {
    const { requests, held } = this.server
    // A refresh that is running goes on to its end: once more for each late answer whose pair has expired by then.
    this.requestsAtMost ??= this.isQuiet ? requests : requests + 1 + held.filter(({ givenUp }) => givenUp).length
    return this.#call('close', () => this.session.close())
  }

  /** Another process on the same row refreshes; not while this one does something, as that takes a lock. */
  rotateElsewhere(): void {
    if (!this.isQuiet) return
    const next = this.server.rotateElsewhere(this.row.content?.refreshToken)
    if (next) this.row.write(next, true)
  }

  /** No load, save or token request is under way, and none will be tried again. */
  get isQuiet(): boolean {
    const { row, server, clock } = this
    return row.loads.length + row.saves.length + server.held.length + clock.pending === 0
  }

  /** Lets everything work again, and time pass until nothing is left to do. */
  async calmDown(): Promise<void> {
    const { row, server, api, clock } = this
    row.slowLoad = row.slowSave = server.hold = server.overloaded = api.hold = false
    for (const load of row.loads.splice(0)) load.finish(false)
    for (const request of server.held.splice(0)) request.answer()
    for (const save of row.saves.splice(0)) save.finish()
    for (const { respond } of api.held.splice(0)) respond()
    await settle()
    await clock.advance(300_000)
  }

  #askFor(what: string, intention: Intention, ask: (signal: AbortSignal) => Promise<TokenSet>): Call {
    const call = this.#newCall(what)
    void this.#follow(call, ask(call.controller.signal)).then((tokens) => {
      if (!tokens) return
      this.#used(what, tokens.accessToken, intention)
      this.handedOut.push({ tokens, intention })
    })
    return call
  }

  #call(what: string, start: () => Promise<void>): Call {
    const call = this.#newCall(what)
    void this.#follow(call, start())
    return call
  }

  #newCall(what: string): Call {
    const looks = /signed-out|ended/.test(this.session.status)
    return { what, intention: this.notes.intention, looks, controller: new AbortController(), settled: false }
  }

  #follow<T>(call: Call, work: Promise<T>): Promise<T | undefined> {
    this.calls.push(call)
    return work
      .finally(() => {
        call.settled = true
      })
      .catch((error) => {
        const { status } = Object(error.response)
        const known = error instanceof AuthError || axios.isAxiosError(error) || error === call.controller.signal.reason
        if (!known) this.notes.breach(`${call.what}: ${error}`)
        this.notes.search('an error', { error })
        call.outcome = error instanceof AuthError ? error.code : (status ?? error.name)
        return undefined
      })
  }

  #sent(path: string, token: string | undefined): void {
    const request = this.#requests.get(path) as MadeRequest
    const { attached, intention, sends } = request
    sends.push(token)
    if (!attached && (token !== undefined || sends.length > 1)) this.notes.breach(`${request.what} was made after detach`)
    this.#used(`${request.what}, send ${sends.length},`, token, intention)
  }

  /** Tokens are used for something that was asked for under an intention. */
  #used(what: string, accessToken: string | undefined, intention: Intention): void {
    const { notes, row, server, configuration } = this
    if (intention !== notes.intention) notes.breach(`${what} went on after a later intention`)
    if (accessToken === undefined) return
    if (server.grantOf(accessToken)?.name !== intention.grant) notes.breach(`${what} of ${intention.grant} got ${accessToken}`)
    const served = configuration.onSaveFailure === 'serve' && row.unsaved.has(accessToken)
    if (!row.written.has(accessToken) && !served) notes.breach(`${what} got ${accessToken}, which is not written`)
  }
}
