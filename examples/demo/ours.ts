import axios, { type AxiosInstance } from 'axios'
import { attach, createSession } from 'axios-renew'
import { mercadoPago } from 'axios-renew/providers'
import type { Stage } from './stage.ts'

/** The way it is done with this library. */
export async function ours({ server, payments, pair, file }: Stage): Promise<AxiosInstance> {
  const { clientId, clientSecret, tokenEndpoint } = server
  const session = createSession({
    ...mercadoPago({ clientId, clientSecret, tokenEndpoint }),
    save: (tokens) => file.write(tokens),
  })
  await session.signIn(pair)

  const api = axios.create({ baseURL: payments.url })
  attach(api, session)
  return api
}
