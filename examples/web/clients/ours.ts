import axios from 'axios'
import { attach, createSession, oauth2, type Session, type TokenStore } from 'axios-renew'
import type { Recorder } from '../recording/recorder.ts'
import { type Contestant, type Endpoints, forServices, type Standing } from './contestant.ts'
import { recordingStore } from './recording-store.ts'

/** The way it is done with this library: one session, an instance for each service, a store that all tabs share. */
export function createOurs(
  { services, clientId, auth }: Endpoints,
  store: TokenStore,
  recorder: Recorder,
): Contestant & { session: Session } {
  const grant = oauth2({ tokenEndpoint: `${auth}/token`, revocationEndpoint: `${auth}/revocation`, clientId })
  const recorded = recordingStore(store, recorder)
  const session = createSession({
    ...grant,
    // For the drawing only, as is the recording store: `...grant, store` is all that an app needs.
    refresh: (tokens, context) => recorder.tokenRequest(async () => grant.refresh(tokens, context)),
    store: recorded,
  })
  const instances = forServices((service) => {
    const instance = axios.create({ baseURL: services[service] })
    attach(instance, session)
    return instance
  })

  const standings: Record<Session['status'], Standing> = {
    unknown: 'unsure',
    active: 'signed in',
    'signed-out': 'signed out',
    ended: 'ended',
  }
  return {
    name: 'ours',
    session,
    instances,
    standing: () => standings[session.status],
    pair: () => (session.status === 'signed-out' ? undefined : recorded.pair()),
    signIn: (tokens) => session.signIn(tokens),
    signOut: () => session.signOut(),
  }
}
