import { onWire, scenario } from './scenario.ts'

export const runsTwice = scenario({
  id: 'runs-twice',
  title: "The app's own transformRequest and interceptors",
  about401: true,
  right: { fate: 'resolved 200', transformRequest: 1, requestInterceptor: 1, responseInterceptor: 1, sameBody: true },
  async observe(library) {
    const { wire, protect } = onWire(library)
    const api = wire.client()
    const runs = { transformRequest: 0, requestInterceptor: 0, responseInterceptor: 0 }
    api.interceptors.request.use((config) => {
      runs.requestInterceptor++
      return config
    })
    protect(api)
    const count = () => {
      runs.responseInterceptor++
    }
    api.interceptors.response.use(
      (response) => {
        count()
        return response
      },
      (error) => {
        count()
        throw error
      },
    )
    const transformRequest = (data: unknown) => {
      runs.transformRequest++
      return JSON.stringify({ payload: data })
    }
    const [fate = ''] = await wire.fates([api.post('/payments', { amount: 10 }, { transformRequest })])
    return { fate, ...runs, sameBody: new Set(wire.requests.map(({ data }) => data)).size === 1 }
  },
  tell: ({ transformRequest, requestInterceptor, responseInterceptor, sameBody }) =>
    `transformRequest ${transformRequest} x, request interceptor ${requestInterceptor} x, response interceptor ${responseInterceptor} x; ` +
    `${sameBody ? 'the same' : 'another'} body is sent again`,
})
