import type { SessionOptions } from './config.ts'
import { readOptions } from './read-options.ts'
import { createHandle, type Session } from './session-handle.ts'
import { understand } from './sign-in.ts'
import { createState } from './state.ts'

/**
 * Makes a session: it holds one account's tokens, refreshes them once however many ask, and writes the
 * new pair down before anybody uses it.
 *
 * @throws TypeError for a wrong or unknown option: it says what was expected and what was got.
 *
 * @example
 * const session = createSession({
 *   refresh: (tokens) => bare.post('/auth/refresh', { token: tokens.refreshToken }).then((r) => r.data),
 *   load: () => db.tokens.read(),
 *   save: (tokens) => db.tokens.write(tokens),
 * })
 */
export function createSession(options: SessionOptions): Session {
  const { account = 'default', tokens, ...config } = readOptions('createSession', options, { account: 'string|number', tokens: 'object' })
  if (tokens) understand("createSession: option 'tokens'", tokens, 'kept', 0)
  const state = createState(String(account), { ...config, tokens })
  return createHandle(state.account, () => state)
}
