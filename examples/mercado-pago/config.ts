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

/** Reads the environment. Without MP_CLIENT_ID everything goes to the look-alike. */
export function readConfig(env: Record<string, string | undefined> = process.env) {
  const lookAlike = !env.MP_CLIENT_ID
  const values: Record<string, string | undefined> = { ...(lookAlike ? LOOK_ALIKE : MERCADO_PAGO), ...env }
  function need(name: string): string {
    const value = values[name]
    if (!value) throw new Error(`Set ${name}`)
    return value
  }
  const api = need('MP_API')
  return {
    lookAlike,
    clientId: need('MP_CLIENT_ID'),
    clientSecret: need('MP_CLIENT_SECRET'),
    redirectUrl: need('MP_REDIRECT_URL'),
    webhookSecret: need('MP_WEBHOOK_SECRET'),
    authorizationPage: need('MP_AUTHORIZATION_PAGE'),
    api,
    tokenEndpoint: `${api}/oauth/token`,
    databaseUrl: need('DATABASE_URL'),
    tokenKeys: { '1': Buffer.from(need('TOKEN_KEY'), 'base64') },
    port: Number(values.PORT ?? 3000),
  }
}

export type Config = ReturnType<typeof readConfig>
