import type { Attributes } from '@opentelemetry/api'
import { classify } from '../core/session/classify.ts'
import type { RefreshContext, SessionConfig } from '../core/session/config.ts'
import { NEEDS_REFRESH_TOKEN } from '../core/session/single-flight.ts'
import type { TokenSet } from '../core/tokens/token-set.ts'
import type { Instruments } from './instruments.ts'
import { quietly } from './quietly.ts'
import { secondsBetween } from './seconds-between.ts'

/** Counts the calls of `refresh` that make a token request. */
export function observeTokenRequests(config: SessionConfig, instruments: Instruments): () => void {
  const { refresh, clock } = config

  /** Returns what tells how it ended; the first time counts. */
  function begin({ signal }: RefreshContext): (attributes: Attributes) => void {
    const startedAt = clock.now()
    let told = false
    const end = (attributes: Attributes) => {
      if (told) return
      told = true
      quietly(() => instruments.tokenRequests.add(1, attributes))
      quietly(() => instruments.tokenRequestDuration.record(secondsBetween(startedAt, clock.now()), attributes))
    }
    // One that hangs may never end.
    signal.addEventListener('abort', () => end({ 'error.type': 'ERR_REFRESH_UNCERTAIN' }), { once: true })
    return end
  }

  async function counted(tokens: Partial<TokenSet>, about: RefreshContext): ReturnType<typeof call> {
    const makesRequest = tokens.refreshToken !== undefined || !(NEEDS_REFRESH_TOKEN in refresh)
    const end = makesRequest ? begin(about) : undefined
    try {
      const answer = await call(tokens, about)
      end?.({})
      return answer
    } catch (error) {
      const code = quietly(() => classify(error, clock.now()).code)
      if (code !== 'ERR_REENTRANT_REFRESH') end?.({ 'error.type': code ?? '_OTHER' })
      throw error
    }
  }

  async function call(tokens: Partial<TokenSet>, about: RefreshContext) {
    return refresh(tokens, about)
  }

  // What `oauth2` has marked its function with holds for this one, too.
  config.refresh = Object.setPrototypeOf(counted, refresh)
  return () => {
    config.refresh = refresh
  }
}
