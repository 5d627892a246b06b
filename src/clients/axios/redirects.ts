import type { AxiosHeaders, InternalAxiosRequestConfig } from 'axios'
import type { TokenGate } from './token-gate.ts'

/** What follow-redirects is about to send; axios hands it to `beforeRedirect`. */
export type RedirectOptions = Parameters<NonNullable<InternalAxiosRequestConfig['beforeRedirect']>>[0]

/**
 * What was put on a request follows it to allowed origins only.
 *
 * @param added the names of the headers that were put on.
 */
export function guardRedirect(gate: TokenGate, sent: AxiosHeaders, added: readonly string[], { href, headers }: RedirectOptions): void {
  for (const name of Object.keys(headers)) {
    if (added.some((other) => other.toLowerCase() === name.toLowerCase())) delete headers[name]
  }
  if (gate.permits(href)) for (const name of added) headers[name] = sent.get(name)
}

/** The names of the headers that are new, or differ. */
export function addedHeaders(sent: AxiosHeaders, own: AxiosHeaders): string[] {
  return Object.keys(sent).filter((name) => sent[name] !== own[name])
}
