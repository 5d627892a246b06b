import axios, { type AxiosRequestConfig } from 'axios'
import { afterEach, describe, expect, test } from 'vitest'
import { interceptWire } from '../support/msw.ts'
import { ANSWER, refreshWith, TOKEN_ENDPOINT } from './refresh-with.ts'

const wire = interceptWire()

/** Many apps set up axios itself, for their API. `axios.create` inherits all of it. */
const pristine = { ...axios.defaults, headers: structuredClone({ ...axios.defaults.headers }) }
afterEach(() => {
  for (const key of Object.keys(axios.defaults)) delete axios.defaults[key as keyof AxiosRequestConfig]
  Object.assign(axios.defaults, { ...pristine, headers: structuredClone(pristine.headers) })
})

describe('what an app has set on axios for its API', () => {
  test('does not send its access token to the token endpoint', async () => {
    axios.defaults.headers.common.Authorization = 'Bearer access-1'
    axios.defaults.headers.common['X-Api-Key'] = 'key'
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith({ clientId: 'my-app' })
    expect(wire.request.headers).not.toHaveProperty('authorization')
    expect(wire.request.headers).not.toHaveProperty('x-api-key')
  })

  test.each(['common', 'post'] as const)('does not turn the form into JSON by a content type in headers.%s', async (group) => {
    axios.defaults.headers[group]['Content-Type'] = 'application/json'
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith({ clientId: 'my-app' })
    expect(wire.request.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded(;|$)/)
    expect(wire.request.body).toBe('grant_type=refresh_token&refresh_token=refresh-1&client_id=my-app')
  })

  test('does not transform the token request', async () => {
    axios.defaults.transformRequest = [() => 'encrypted']
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith()
    expect(wire.request.body).toBe('grant_type=refresh_token&refresh_token=refresh-1')
  })

  test.each<[string, AxiosRequestConfig]>([
    ['other credentials', { auth: { username: 'u', password: 'p' } }],
    ['parameters in the URL', { params: { api_key: 'key' } }],
    ['another base URL', { baseURL: 'https://api.example.com', allowAbsoluteUrls: false }],
  ])('does not give the token request %s', async (_name, defaults) => {
    Object.assign(axios.defaults, defaults)
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith()
    expect(wire.request.url).toBe(TOKEN_ENDPOINT)
    expect(wire.request.headers).not.toHaveProperty('authorization')
  })

  test('does not cut a token request short', async () => {
    axios.defaults.timeout = 1
    const answer = await refreshWith({
      request: {
        adapter: async (config) => {
          expect(config.timeout ?? 0).toBe(0)
          return { status: 200, statusText: 'OK', headers: {}, config, data: JSON.stringify(ANSWER) }
        },
      },
    })
    expect(answer).toEqual(ANSWER)
  })

  test('still says how the network is reached', async () => {
    const proxied: unknown[] = []
    axios.defaults.proxy = { host: '127.0.0.1', port: 8080 }
    axios.defaults.adapter = async (config) => {
      proxied.push(config.proxy)
      return { status: 200, statusText: 'OK', headers: {}, config, data: JSON.stringify(ANSWER) }
    }
    await refreshWith()
    expect(proxied).toEqual([{ host: '127.0.0.1', port: 8080 }])
  })

  test('gives way to the headers of the option request', async () => {
    axios.defaults.headers.common['X-Api-Key'] = 'key'
    wire.answer(TOKEN_ENDPOINT, { body: ANSWER })
    await refreshWith({ request: { headers: { 'X-Api-Key': 'other', Authorization: 'Custom yes' } } })
    expect(wire.request.headers).toMatchObject({ 'x-api-key': 'other', authorization: 'Custom yes' })
  })
})
