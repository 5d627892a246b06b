import type { AxiosAdapter } from 'axios'
import { describe, expect, test } from 'vitest'
import { attached } from '../../support/attached.ts'

/** An adapter without a wire, which answers with data that is parsed already. */
function mock(data: unknown): AxiosAdapter {
  return async (config) => ({ data, status: 200, statusText: 'OK', headers: {}, config })
}

const baseURL = 'https://api.example.com'

describe('data of an adapter without a wire', () => {
  test('comes as it is, with a field called req', async () => {
    const { api } = attached({ baseURL, adapter: mock({ req: 42, a: 1 }), transformResponse: [] })
    expect(JSON.stringify((await api.get('/')).data)).toBe('{"req":42,"a":1}')
  })

  test('may be frozen', async () => {
    const { api } = attached({ baseURL, adapter: mock(Object.freeze({ req: 42 })), transformResponse: [] })
    expect((await api.get('/')).data).toEqual({ req: 42 })
  })

  const cyclic: Record<string, unknown> = {}
  cyclic.self = cyclic
  const bytes = new TextEncoder().encode('{"a":1}')
  test.each<[string, unknown, unknown]>([
    ['an array', [{ code: 'expired' }], [{ code: 'expired' }]],
    ['an object with a field called length', { length: 3, x: 1 }, { length: 3, x: 1 }],
    ['an object with a field called size', { size: 2 ** 30 }, { size: 2 ** 30 }],
    ['an object that holds a function', { a: 1, f() {} }, { a: 1 }],
    ['an object that holds itself', cyclic, undefined],
    ['a number', 7, 7],
    ['nothing', undefined, undefined],
    ['null', null, null],
    ['text', 'expired', 'expired'],
    ['JSON', '{"a":1}', { a: 1 }],
    ['bytes', bytes, { a: 1 }],
    ['a buffer', bytes.buffer, { a: 1 }],
    ['a Blob', new Blob([bytes]), { a: 1 }],
    ['text above 1 MiB', 'x'.repeat(2 ** 20 + 1), undefined],
  ])('is shown to shouldRefresh: %s', async (_name, data, expected) => {
    const shown: unknown[] = []
    const { api } = attached(
      { baseURL, adapter: mock(data), transformResponse: [] },
      {
        async shouldRefresh({ body }) {
          shown.push(await body())
          return false
        },
      },
    )
    await api.get('/')
    expect(shown).toEqual([expected])
  })
})
