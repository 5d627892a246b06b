import type { AxiosInstance } from 'axios'
import { type ContestantName, SERVICES, type Service } from '../names.ts'

/** Where a contestant's servers are. */
export interface Endpoints {
  readonly services: Readonly<Record<Service, string>>
  readonly clientId: string
  /** Begins the addresses of the authorization server. */
  readonly auth: string
}

/** What a contestant knows of its tokens. `unsure`: the page has just been loaded. */
export type Standing = 'unsure' | 'signed in' | 'signed out' | 'ended'

/** One way to keep tokens fresh. */
export interface Contestant {
  readonly name: ContestantName
  /** An instance for each service; all share the tokens. */
  readonly instances: Readonly<Record<Service, AxiosInstance>>
  standing(): Standing
  /** The number of the pair in hand. */
  pair(): number | undefined
  /** Takes a first pair. */
  signIn(tokens: object): Promise<void>
  signOut(): Promise<void>
}

/** Makes an instance for each service. */
export function forServices(make: (service: Service) => AxiosInstance): Record<Service, AxiosInstance> {
  return Object.fromEntries(SERVICES.map((service) => [service, make(service)])) as Record<Service, AxiosInstance>
}
