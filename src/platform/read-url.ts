import type { UrlParts } from '../core/send/origins.ts'

/** @throws TypeError for what is no URL. */
export function readUrl(url: string, base?: string): UrlParts {
  return new URL(url, base)
}
