import axios, { type AxiosAdapter, type AxiosError, type InternalAxiosRequestConfig } from 'axios'
import { emptyRecording, isOver, type Recording, type Row } from './recording.ts'

/** Writes down what happens, when it happens. */
export interface Recorder {
  /** What has happened since the last {@link Recorder.start}. */
  readonly recording: Recording
  /** The time on its clock, in ms. */
  now(): number
  /** Begins anew. */
  start(): void
  /** Remembers which access token belongs to which pair. */
  know(accessToken: string | undefined, pair: unknown): void
  /** Sends a request through an adapter of its own, which sees each send. */
  request(group: string, send: (adapter: AxiosAdapter) => Promise<{ status: number }>): Promise<void>
  /** Follows a token request. */
  tokenRequest<T>(work: () => Promise<T>): Promise<T>
  /** Follows the writing of a pair. */
  save<T>(pair: number, work: () => T): T
  /** A pair of another tab was taken over. */
  adopted(pair: number): void
}

/** Makes a recorder. */
export function createRecorder(): Recorder {
  const pairs = new Map<string, number>()
  let recording = emptyRecording()
  let startedAt = performance.now()
  const now = () => performance.now() - startedAt
  /** What happens between two runs belongs to none. */
  const current = () => (isOver(recording) ? emptyRecording() : recording)

  function adapterOf({ sends }: Row): AxiosAdapter {
    return async (config) => {
      const send: Row['sends'][number] = { from: now(), pair: pairs.get(bearer(config)) }
      sends.push(send)
      try {
        const response = await axios.getAdapter(axios.defaults.adapter, config)(config)
        send.status = response.status
        return response
      } catch (error) {
        send.status = (error as AxiosError).response?.status
        throw error
      } finally {
        send.to = now()
      }
    }
  }

  return {
    get recording() {
      return recording
    },
    now,
    start() {
      recording = emptyRecording()
      startedAt = performance.now()
    },
    know(accessToken, pair) {
      if (accessToken && typeof pair === 'number') pairs.set(accessToken, pair)
    },
    async request(group, send) {
      const row: Row = { group, from: now(), sends: [] }
      recording.rows.push(row)
      try {
        const { status } = await send(adapterOf(row))
        row.outcome = { at: now(), ok: true, text: String(status) }
      } catch (error) {
        const { response, code } = error as AxiosError
        // Errors of the library may carry the 401 that led to them: their code says more.
        row.outcome = { at: now(), ok: false, text: String(axios.isAxiosError(error) && response ? response.status : code) }
      }
    },
    async tokenRequest(work) {
      const request: Recording['tokenRequests'][number] = { from: now() }
      current().tokenRequests.push(request)
      try {
        const answer = await work()
        request.pair = Object(answer).pair
        return answer
      } catch (error) {
        request.failure = failureOf(error)
        throw error
      } finally {
        request.to = now()
      }
    },
    save(pair, work) {
      const save: Recording['saves'][number] = { pair, from: now() }
      current().saves.push(save)
      const done = () => {
        save.to = now()
      }
      const result = work()
      // Storage that is synchronous has written by now.
      if (result instanceof Promise) result.then(done, () => {})
      else done()
      return result
    },
    adopted(pair) {
      current().adopted.push({ at: now(), pair })
    },
  }
}

function bearer({ headers }: InternalAxiosRequestConfig): string {
  return String(headers.get('Authorization') ?? '').replace(/^Bearer /, '')
}

/** What came instead of a pair, in a word. */
function failureOf(error: unknown): string {
  const { code, response } = Object(error)
  return response?.data?.error ?? (response ? String(response.status) : (code ?? 'failed'))
}
