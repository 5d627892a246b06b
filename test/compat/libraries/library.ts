import { readFileSync } from 'node:fs'
import type { AxiosInstance } from 'axios'
import type { Tokens } from '../support/authority.ts'

/** What an app has, whatever library it uses. */
export interface App {
  /** Where it stores the pair. */
  stored: Tokens | undefined
  /** Its token request; rejects with the `AxiosError` of a refusal. */
  refresh(refreshToken: string): Promise<Tokens>
}

/** A library at work in an app. */
export interface Wired {
  /** Makes the requests of an instance carry the app's tokens. */
  protect(api: AxiosInstance): void
  /** What the app does when its user signs out. */
  signOut(): Promise<void>
}

/** A library that refreshes tokens, wired as its own README shows it. */
export interface Library {
  readonly id: string
  readonly version: string
  /** What it takes for a reason to refresh. */
  readonly refreshesOn: '401' | 'expiry'
  wire(app: App): Wired
}

/** The version that is installed. Not imported: not every package exports its package.json. */
export function versionOf(name: string): string {
  const { version } = JSON.parse(readFileSync(new URL(`../../../node_modules/${name}/package.json`, import.meta.url), 'utf8'))
  return version
}
