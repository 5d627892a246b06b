import { createHmac } from 'node:crypto'
import { InvalidWebhookSignatureError, WebhookSignatureValidator } from 'mercadopago'
import { describe, expect, onTestFinished, test } from 'vitest'
import { LOOK_ALIKE, readConfig } from '../../examples/mercado-pago/config.ts'
import { startConnecting } from '../../examples/mercado-pago/connect.ts'
import { isSigned } from '../../examples/mercado-pago/notifications.ts'
import { startMercadoPago } from '../../examples/servers/mercado-pago.ts'
import { freePort } from '../support/own-port.ts'
import { startScript } from './run-script.ts'

const DATABASE_URL = 'postgres://nowhere.example/market'

describe('the signature of a notification is judged as the SDK judges it', () => {
  const secret = 'a secret'
  const signed = (manifest: string, key = secret) => `ts=1763800000,v1=${createHmac('sha256', key).update(manifest).digest('hex')}`
  const good = signed('id:123;request-id:abc;ts:1763800000;')

  test.each([
    { what: 'a good one', headers: { 'x-request-id': 'abc', 'x-signature': good }, dataId: '123', expected: true },
    { what: 'spaces in it', headers: { 'x-request-id': 'abc', 'x-signature': good.replace(',', ', ') }, dataId: '123', expected: true },
    { what: 'no request id', headers: { 'x-signature': signed('id:123;ts:1763800000;') }, dataId: '123', expected: true },
    {
      what: 'no data.id',
      headers: { 'x-request-id': 'abc', 'x-signature': signed('request-id:abc;ts:1763800000;') },
      dataId: '',
      expected: true,
    },
    { what: 'another data.id', headers: { 'x-request-id': 'abc', 'x-signature': good }, dataId: '124', expected: false },
    { what: 'another request id', headers: { 'x-request-id': 'abd', 'x-signature': good }, dataId: '123', expected: false },
    { what: 'another time', headers: { 'x-request-id': 'abc', 'x-signature': good.replace('=17', '=18') }, dataId: '123', expected: false },
    { what: 'another key', headers: { 'x-signature': signed('id:123;ts:1763800000;', 'other') }, dataId: '123', expected: false },
    { what: 'half of it', headers: { 'x-request-id': 'abc', 'x-signature': good.slice(0, -2) }, dataId: '123', expected: false },
    { what: 'nothing', headers: {}, dataId: '123', expected: false },
    { what: 'rubbish', headers: { 'x-signature': '=,;v1=zz,ts' }, dataId: '123', expected: false },
  ])('$what: $expected', ({ headers, dataId, expected }) => {
    expect(isSigned(headers, dataId, secret)).toBe(expected)
    const bySdk = () =>
      WebhookSignatureValidator.validate({
        xSignature: 'x-signature' in headers ? headers['x-signature'] : null,
        xRequestId: 'x-request-id' in headers ? headers['x-request-id'] : null,
        dataId,
        secret,
      })
    if (expected) bySdk()
    else expect(bySdk).toThrow(InvalidWebhookSignatureError)
  })

  test('ids with letters are signed in lower case', () => {
    const headers = { 'x-request-id': 'abc', 'x-signature': signed('id:ord01ab;request-id:abc;ts:1763800000;') }
    expect(isSigned(headers, 'ORD01AB', secret)).toBe(true)
  })
})

describe('config.ts', () => {
  test('leads to the look-alike without a client id, and to Mercado Pago with one', () => {
    expect(readConfig({ DATABASE_URL })).toMatchObject({ lookAlike: true, api: LOOK_ALIKE.MP_API, port: 3000 })
    const { LOOK, ...secrets } = {
      LOOK: '',
      MP_CLIENT_ID: '1',
      MP_CLIENT_SECRET: '2',
      MP_WEBHOOK_SECRET: '3',
      TOKEN_KEY: LOOK_ALIKE.TOKEN_KEY,
    }
    expect(readConfig({ DATABASE_URL, ...secrets, MP_REDIRECT_URL: 'https://market.example/callback' })).toMatchObject({
      lookAlike: false,
      authorizationPage: 'https://auth.mercadopago.com/authorization',
      tokenEndpoint: 'https://api.mercadopago.com/oauth/token',
    })
  })

  test.each(['MP_CLIENT_SECRET', 'MP_REDIRECT_URL', 'MP_WEBHOOK_SECRET', 'TOKEN_KEY', 'DATABASE_URL'])(
    'asks for %s, and does not go on with that of the look-alike',
    (name) => {
      const all = { ...LOOK_ALIKE, DATABASE_URL, [name]: undefined }
      expect(() => readConfig(all)).toThrow(`Set ${name}`)
    },
  )
})

test('the address that a seller is sent to is the documented one, and new each time', () => {
  const config = readConfig({ DATABASE_URL })
  const [one, other] = [startConnecting(config), startConnecting(config)]
  const { origin, pathname, searchParams } = new URL(one.url)
  expect(`${origin}${pathname}`).toBe(LOOK_ALIKE.MP_AUTHORIZATION_PAGE)
  const names = ['client_id', 'response_type', 'platform_id', 'state', 'redirect_uri', 'code_challenge', 'code_challenge_method']
  expect([...searchParams.keys()]).toEqual(names)
  const [state, verifier = ''] = one.kept.split('.')
  expect(searchParams.get('state')).toBe(state)
  expect(verifier).toMatch(/^[\w-]{64}$/)
  expect(one.url).not.toContain(verifier)
  expect(other.kept.split('.')).not.toEqual(expect.arrayContaining(one.kept.split('.')))
})

describe('the look-alike', () => {
  const page = async (change: Record<string, string | undefined>) => {
    const server = await startMercadoPago()
    onTestFinished(() => server.close())
    Object.assign(server.application, { redirectUrl: 'http://127.0.0.1/callback', pkce: true })
    const asked = {
      client_id: server.clientId,
      response_type: 'code',
      platform_id: 'mp',
      state: 's',
      redirect_uri: 'http://127.0.0.1/callback',
    }
    const query = { ...asked, code_challenge: 'c', code_challenge_method: 'S256', ...change }
    const response = await fetch(`${server.authorizationPage}?${new URLSearchParams(JSON.parse(JSON.stringify(query)))}`)
    return [response.status, response.status === 200 ? '' : await response.text()]
  }

  test('shows its page', async () => {
    expect(await page({})).toEqual([200, ''])
  })

  test.each([
    ['client_id', 'another'],
    ['response_type', 'token'],
    ['platform_id', undefined],
    ['redirect_uri', 'http://127.0.0.1/callback?with=more'],
    ['code_challenge', undefined],
    ['code_challenge_method', 'plain'],
  ])('refuses a wrong %s', async (name, value) => {
    expect(await page({ [name]: value })).toEqual([400, `invalid ${name}`])
  })

  test('starts as a program, with addresses of its own', async () => {
    const api = `http://127.0.0.1:${await freePort()}`
    const { child, printed, ended } = startScript('examples/mercado-pago/look-alike.ts', [], { MP_API: api })
    await expect.poll(() => printed, { timeout: 30_000 }).toMatchObject({ stdout: `Mercado Pago's look-alike: ${api}\n` })
    expect((await fetch(`${api}/users/me`)).status).toBe(401)
    child.kill()
    expect((await ended).stderr).toBe('')
  })
})
