import axios from 'axios'
import { attach, createSession, type Session } from 'axios-renew'
import { webStore } from 'axios-renew/browser'

/** What somebody has bought. */
export interface Order {
  id: string
  item: string
  buyer: string
}

/** All that a page knows of the shop; which framework draws it does not matter here. */
export interface Shop {
  readonly session: Session
  /** Rejects when the back end does not know them, or cannot be reached. */
  signIn(user: string, password: string): Promise<void>
  order(id: string, signal: AbortSignal): Promise<Order>
}

/** Makes the shop of a page. There is one a page, and none on a server: every visitor has a session of their own. */
export function createShop(): Shop {
  // Sign-in and refresh go through a client without the session: one that waits for tokens cannot fetch them.
  const bare = axios.create({ baseURL: '/auth' })
  const session = createSession({
    refresh: async ({ refreshToken }, { signal }) => (await bare.post('/refresh', { refreshToken }, { signal })).data,
    store: webStore(), // IndexedDB, shared by all tabs
  })
  const api = axios.create({ baseURL: '/api' })
  attach(api, session)

  return {
    session,
    signIn: async (user, password) => session.signIn((await bare.post('/sign-in', { user, password })).data),
    order: async (id, signal) => (await api.get(`/orders/${id}`, { signal })).data,
  }
}

/** What to tell somebody whose sign-in did not work. */
export function whyNot(error: unknown): string {
  return axios.isAxiosError(error) && error.response?.status === 403 ? 'That is not the password.' : 'That did not work. Please try again.'
}
