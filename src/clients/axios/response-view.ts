import { AxiosHeaders, type AxiosResponse } from 'axios'
import { isOneShot } from '../../core/send/one-shot.ts'
import { readBody } from '../../core/send/read-body.ts'
import type { ResponseView } from '../../core/session/config.ts'

/** A response as `shouldRefresh` sees it. */
export function viewOf(response: AxiosResponse, url: string): ResponseView {
  const { status, data } = response
  return {
    status,
    headers: { get: (name) => headerOf(response, name) ?? null },
    url,
    body: async () => (isOneShot(data) ? undefined : readBody(data)),
  }
}

/** A header of a response. Adapters that need no wire (mocks) may give none. */
export function headerOf({ headers }: AxiosResponse, name: string): string | undefined {
  return AxiosHeaders.from(Object(headers)).get(name)?.toString()
}
