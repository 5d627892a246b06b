import type { AxiosInstance } from 'axios'
import { describe, expect, test } from 'vitest'
import { attached, serve } from '../../support/attached.ts'

/** An instance whose `authorize` puts the token into the URL; what it was shown, and what the server saw. */
async function tokenInUrl(path: string, prepare: (api: AxiosInstance, url: string) => void) {
  const shown: string[] = []
  const seen: (string | undefined)[] = []
  const url = await serve((request, response) => {
    seen.push(request.url)
    response.end('{}')
  })
  const { api } = attached(
    { baseURL: `${url}${path}`, params: { internal: 1 } },
    {
      origins: [url],
      authorize(request, tokens) {
        shown.push(request.url.replace(url, ''))
        request.url += `${request.url.includes('?') ? '&' : '?'}token=${tokens.accessToken}`
      },
    },
  )
  prepare(api, url)
  return { api, shown, seen }
}

describe('the URL that authorize sees', () => {
  test('has the params, serialized as they will be', async () => {
    const { api, shown, seen } = await tokenInUrl('/v1', () => {})
    await api.get('/x?a=1', { params: { b: [1, 2] }, paramsSerializer: { indexes: null } })
    expect(shown).toEqual(['/v1/x?a=1&internal=1&b=1&b=2'])
    expect(seen).toEqual(['/v1/x?a=1&internal=1&b=1&b=2&token=a1'])
  })

  test('has no defaults that an interceptor has taken off', async () => {
    const { api, shown, seen } = await tokenInUrl('', (instance) => {
      instance.interceptors.request.use((config) => {
        delete config.params
        return config
      })
    })
    await api.get('/x')
    expect(shown).toEqual(['/x'])
    expect(seen).toEqual(['/x?token=a1'])
  })

  test.each([undefined, false])('has no baseURL that an interceptor has moved elsewhere (allowAbsoluteUrls: %s)', async (allowed) => {
    const { api, shown, seen } = await tokenInUrl('/v1', (instance, url) => {
      instance.interceptors.request.use((config) => {
        config.url = `${url}/v2${config.url}`
        delete config.baseURL
        if (allowed === false) delete config.allowAbsoluteUrls
        return config
      })
    })
    await api.get('/x', { params: {}, allowAbsoluteUrls: allowed })
    expect(shown).toEqual(['/v2/x?internal=1'])
    expect(seen).toEqual(['/v2/x?internal=1&token=a1'])
  })
})
