/** The stand-in for Mercado Pago on this machine: `look-alike.ts`. */
export const LOOK_ALIKE = {
  MP_CLIENT_ID: 'shop-app',
  MP_CLIENT_SECRET: 'shop-secret',
  MP_REDIRECT_URL: 'http://127.0.0.1:3000/callback',
  MP_WEBHOOK_SECRET: 'webhook-secret',
  MP_AUTHORIZATION_PAGE: 'http://127.0.0.1:8090/authorization',
  MP_API: 'http://127.0.0.1:8090',
  TOKEN_KEY: Buffer.alloc(32).toString('base64'),
}
const MERCADO_PAGO = {
  MP_AUTHORIZATION_PAGE: 'https://auth.mercadopago.com/authorization',
  MP_API: 'https://api.mercadopago.com',
}

/** Reads the environment. Only `MP_LOOK_ALIKE=1` leads to the look-alike: what is forgotten is an error. */
export function readConfig(env: Record<string, string | undefined> = process.env) {
  const lookAlike = env.MP_LOOK_ALIKE === '1'
  const values: Record<string, string | undefined> = { ...(lookAlike ? LOOK_ALIKE : MERCADO_PAGO), ...env }
  function need(name: string): string {
    const value = values[name]
    if (!value) throw new Error(`Set ${name}${lookAlike ? '' : ' (or MP_LOOK_ALIKE=1, to try it without Mercado Pago)'}`)
    return value
  }
  const [clientId, api] = [need('MP_CLIENT_ID'), need('MP_API')]
  // Whoever asks is signed in there: nothing of it may meet real sellers.
  if (lookAlike && new URL(api).hostname !== '127.0.0.1') throw new Error('MP_LOOK_ALIKE=1 and MP_API: the look-alike is at 127.0.0.1')
  const tokenKey = Buffer.from(need('TOKEN_KEY'), 'base64')
  if (tokenKey.length !== 32) throw new Error('TOKEN_KEY: expected 32 bytes in base64, as `openssl rand -base64 32` makes them')
  return {
    lookAlike,
    clientId,
    clientSecret: need('MP_CLIENT_SECRET'),
    redirectUrl: need('MP_REDIRECT_URL'),
    webhookSecret: need('MP_WEBHOOK_SECRET'),
    authorizationPage: need('MP_AUTHORIZATION_PAGE'),
    api,
    tokenEndpoint: `${api}/oauth/token`,
    databaseUrl: need('DATABASE_URL'),
    tokenKeys: { '1': tokenKey },
    port: Number(values.PORT ?? 3000),
  }
}

export type Config = ReturnType<typeof readConfig>
