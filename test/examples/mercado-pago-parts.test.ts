import { createHmac } from 'node:crypto'
import { createSessionPool, memoryStore } from 'axios-renew'
import { InvalidWebhookSignatureError, WebhookSignatureValidator } from 'mercadopago'
import { describe, expect, onTestFinished, test } from 'vitest'
import { LOOK_ALIKE, readConfig } from '../../examples/mercado-pago/config.ts'
import { finishConnecting, startConnecting } from '../../examples/mercado-pago/connect.ts'
import { isSigned, readNotification } from '../../examples/mercado-pago/notifications.ts'
import { startMercadoPago } from '../../examples/servers/mercado-pago.ts'
import { startScript } from './run-script.ts'

const DATABASE_URL = 'postgres://nowhere.example/market'

describe('the signature of a notification is judged as the SDK judges it', () => {
  const secret = 'a secret'
  const now = 1_763_800_000_000
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
    {
      what: 'one of two days ago',
      headers: { 'x-signature': signed('id:123;ts:1763627200;').replace('=1763800000', '=1763627200') },
      dataId: '123',
      expected: true,
    },
    {
      what: 'one of before',
      headers: { 'x-signature': signed('id:123;ts:1763627199;').replace('=1763800000', '=1763627199') },
      dataId: '123',
      expected: false,
    },
    {
      what: 'one of more than two days later',
      headers: { 'x-signature': signed('id:123;ts:1763972860;').replace('=1763800000', '=1763972860') },
      dataId: '123',
      expected: false,
    },
    { what: 'nothing', headers: {}, dataId: '123', expected: false },
    { what: 'rubbish', headers: { 'x-signature': '=,;v1=zz,ts' }, dataId: '123', expected: false },
  ])('$what: $expected', ({ headers, dataId, expected }) => {
    expect(isSigned(headers, dataId, secret, now)).toBe(expected)
    const bySdk = () =>
      WebhookSignatureValidator.validate({
        xSignature: 'x-signature' in headers ? headers['x-signature'] : null,
        xRequestId: 'x-request-id' in headers ? headers['x-request-id'] : null,
        dataId,
        secret,
        toleranceSeconds: 172_800,
        now: () => now,
      })
    if (expected) bySdk()
    else expect(bySdk).toThrow(InvalidWebhookSignatureError)
  })

  test('ids with letters are signed in lower case', () => {
    const headers = { 'x-request-id': 'abc', 'x-signature': signed('id:ord01ab;request-id:abc;ts:1763800000;') }
    expect(isSigned(headers, 'ORD01AB', secret, now)).toBe(true)
  })

  test('its time may be in milliseconds', () => {
    const v1 = createHmac('sha256', secret)
      .update(`id:123;ts:${now - 172_799_000};`)
      .digest('hex')
    const headers = { 'x-signature': `ts=${now - 172_799_000},v1=${v1}` }
    expect(isSigned(headers, '123', secret, now)).toBe(true)
    expect(isSigned(headers, '123', secret, now + 2000)).toBe(false)
  })
})

describe('config.ts', () => {
  test('leads to the look-alike when it is told to, and else to Mercado Pago', () => {
    expect(readConfig({ DATABASE_URL, MP_LOOK_ALIKE: '1' })).toMatchObject({ lookAlike: true, api: LOOK_ALIKE.MP_API, port: 3000 })
    const secrets = {
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

  test('does not let in whoever asks because something was forgotten', () => {
    expect(() => readConfig({ DATABASE_URL })).toThrow('Set MP_CLIENT_ID (or MP_LOOK_ALIKE=1')
    expect(() => readConfig({ DATABASE_URL, MP_LOOK_ALIKE: 'no' })).toThrow('Set MP_CLIENT_ID (or MP_LOOK_ALIKE=1')
  })

  test('does not let in whoever asks at Mercado Pago itself', () => {
    const MP_API = 'https://api.mercadopago.com'
    expect(() => readConfig({ ...LOOK_ALIKE, DATABASE_URL, MP_API, MP_LOOK_ALIKE: '1' })).toThrow('MP_LOOK_ALIKE=1 and MP_API')
  })

  test('says what TOKEN_KEY is to be', () => {
    expect(() => readConfig({ ...LOOK_ALIKE, DATABASE_URL, TOKEN_KEY: '...' })).toThrow('TOKEN_KEY: expected 32 bytes')
  })

  test.each(['MP_CLIENT_ID', 'MP_CLIENT_SECRET', 'MP_REDIRECT_URL', 'MP_WEBHOOK_SECRET', 'TOKEN_KEY', 'DATABASE_URL'])(
    'asks for %s, and does not go on with that of the look-alike',
    (name) => {
      const all = { ...LOOK_ALIKE, DATABASE_URL, [name]: undefined }
      expect(() => readConfig(all)).toThrow(`Set ${name}`)
    },
  )
})

describe('a notification is read', () => {
  test('when it names a seller', () => {
    expect(readNotification('{"type":"payment","action":"payment.created","user_id":4711,"data":{"id":"1"}}')).toEqual({
      type: 'payment',
      action: 'payment.created',
      user_id: 4711,
    })
  })

  test.each(['', 'null', '[]', '{"type":"payment"}', '{"user_id":{"a":1}}', '{"user_id":"../4711"}', '{"user_id":1.5}'])(
    'and not from %j',
    (text) => {
      expect(readNotification(text)).toBeUndefined()
    },
  )
})

const config = readConfig({ DATABASE_URL, MP_LOOK_ALIKE: '1' })

describe('nobody is connected', () => {
  const pool = createSessionPool({ refresh: () => Promise.reject(new Error('not needed')), store: memoryStore() })
  const { url, kept } = startConnecting(config, 'maria')
  const state = new URL(url).searchParams.get('state') ?? ''
  const finish = (query: Record<string, string>, owner = 'maria', cookie: string | undefined = kept) =>
    finishConnecting(config, pool, owner, new URLSearchParams(query), cookie)

  test.each([
    ['by what another user has begun', { state, code: 'c' }, 'pedro', kept],
    ['without a cookie', { state, code: 'c' }, 'maria', ''],
    ['by a cookie that somebody made up', { state: 's', code: 'c' }, 'maria', `s.${'v'.repeat(64)}.`],
    ['by the state of another time', { state: 's', code: 'c' }, 'maria', kept],
    ['without a state', { code: 'c' }, 'maria', kept],
  ])('%s', async (_what, query, owner, cookie) => {
    await expect(finish(query as Record<string, string>, owner, cookie)).rejects.toThrow("the state is not the one of this user's browser")
  })

  test('and what came instead of a code is logged only when it is a word', async () => {
    await expect(finish({ state, error: 'access_denied' })).rejects.toThrow(/^no code: access_denied$/)
    await expect(finish({ state, error: 'x\nseller 1: payment 2 is approved' })).rejects.toThrow(
      /^no code: the seller has not authorised the app$/,
    )
    await expect(finish({ state, error: 'x\n' })).rejects.toThrow(/^no code: the seller has not authorised the app$/)
  })
})

test('the address that a seller is sent to is the documented one, and new each time', () => {
  const [one, other] = [startConnecting(config, 'maria'), startConnecting(config, 'maria')]
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
  const page = async (change: Record<string, string | undefined>, redirectUrl = 'http://127.0.0.1/callback') => {
    const server = await startMercadoPago()
    onTestFinished(() => server.close())
    Object.assign(server.application, { redirectUrl, pkce: true })
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

  test('sends nobody anywhere while the application has no redirect URL', async () => {
    expect(await page({}, '')).toEqual([400, 'invalid redirect_uri'])
    expect(await page({ redirect_uri: '' }, '')).toEqual([400, 'invalid redirect_uri'])
  })

  test('starts as a program, with addresses of its own', async () => {
    const { child, printed, ended } = startScript('examples/mercado-pago/look-alike.ts', [], { MP_API: 'http://127.0.0.1:0' })
    await expect.poll(() => printed, { timeout: 30_000 }).toMatchObject({ stdout: expect.stringContaining('\n') })
    const [, api] = /^Mercado Pago's look-alike: (http:\S+)\n$/.exec(printed.stdout) ?? []
    expect((await fetch(`${api}/users/me`)).status).toBe(401)
    child.kill()
    expect((await ended).stderr).toBe('')
  })
})
