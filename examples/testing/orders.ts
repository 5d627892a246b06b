// An app as one finds it: a session, an API, and what happens when the session is over.
import axios from 'axios'
import { attach, createSession, oauth2, type SessionOptions } from 'axios-renew'

/** Where it all is; a test says so, and which clock to go by. */
export interface OrdersConfig extends Pick<SessionOptions, 'load' | 'save' | 'clock'> {
  tokenEndpoint: string
  clientId: string
  clientSecret?: string
  baseURL: string
}

export function createOrders({ baseURL, tokenEndpoint, clientId, clientSecret, ...storage }: OrdersConfig) {
  const session = createSession({ ...oauth2({ tokenEndpoint, clientId, clientSecret }), ...storage })
  const api = axios.create({ baseURL })
  attach(api, session)
  const app = {
    session,
    page: '/orders',
    list: async (): Promise<string[]> => (await api.get('/orders')).data,
  }
  session.on('ended', () => {
    app.page = '/sign-in'
  })
  return app
}
