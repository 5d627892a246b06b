import 'reflect-metadata'
import { setImmediate } from 'node:timers/promises'
import { HttpModule, HttpService } from '@nestjs/axios'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { attach, type Session } from 'axios-renew'
import { firstValueFrom } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'
import { startPaymentsApi } from '../../examples/servers/payments-api.ts'
import { gate, startScene } from './integrations-scene.ts'

/** What examples/integrations/nestjs.ts has: a provider that Nest starts and stops. */
class Payments {
  constructor(
    readonly http: HttpService,
    private readonly session: Session,
  ) {}

  onModuleInit() {
    attach(this.http.axiosRef, this.session)
  }

  onApplicationShutdown() {
    return this.session.close()
  }
}

/** Another module, with an HttpModule of its own. */
class Reports {
  constructor(readonly http: HttpService) {}
}

async function startApp(options: Parameters<typeof startScene>[0] = {}) {
  const scene = await startScene(options)
  const api = await startPaymentsApi({ accepts: scene.auth.accepts })
  const http = () => HttpModule.registerAsync({ useFactory: () => ({ baseURL: api.url }) })
  class ReportsModule {}
  Module({
    imports: [http()],
    providers: [{ provide: Reports, useFactory: (http: HttpService) => new Reports(http), inject: [HttpService] }],
  })(ReportsModule)
  class AppModule {}
  Module({
    imports: [http(), ReportsModule],
    providers: [{ provide: Payments, useFactory: (http: HttpService) => new Payments(http, scene.session), inject: [HttpService] }],
  })(AppModule)
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false })
  onTestFinished(async () => {
    await app.close()
    await api.close()
  })
  return { ...scene, app, api, http: app.get(Payments).http, reports: app.get(Reports, { strict: false }).http }
}

test('unsubscribing leaves the wait for a refresh: nothing is sent again, and the refresh is saved for the next', async () => {
  const asked = gate()
  const answered = gate()
  const saved: unknown[] = []
  const { auth, api, session, http, expire } = await startApp({
    refresh: async () => {
      asked.open()
      await answered.passed
      return auth.authorize('maria')
    },
    load: () => null,
    save: (tokens) => void saved.push(tokens),
  })
  await expire()
  const outcome: string[] = []
  const subscription = http.get('/v1/payments/1').subscribe({ next: () => outcome.push('next'), error: () => outcome.push('error') })
  await asked.passed
  subscription.unsubscribe()
  const refreshed = new Promise((resolve) => session.on('refreshed', resolve))
  answered.open()
  await refreshed
  expect(saved).toHaveLength(2)
  const { data } = await firstValueFrom(http.get<{ id: string }>('/v1/payments/2'))
  expect(data.id).toBe('2')
  // The first one, refused, and the second: no replay of what nobody wants.
  expect(api.counters).toEqual({ requests: 2, ok: 1, unauthorized: 1 })
  expect(outcome).toEqual([])
})

test('only the HttpModule that the session was attached to gives the token', async () => {
  const { auth, api, http, reports } = await startApp()
  await expect(firstValueFrom(reports.get('/v1/payments/1'))).rejects.toMatchObject({ response: { status: 401 } })
  expect((await firstValueFrom(http.get('/v1/payments/1'))).status).toBe(200)
  expect(api.counters).toEqual({ requests: 2, ok: 1, unauthorized: 1 })
  expect(auth.counters.tokenRequests).toBe(0)
})

test('closing the app waits until the pair that came last is saved', async () => {
  const saving = gate()
  const written = gate()
  const steps: string[] = []
  const { app, session, auth } = await startApp({
    load: () => null,
    save: async () => {
      if (auth.counters.tokenRequests === 0) return
      saving.open()
      await written.passed
      steps.push('saved')
    },
  })
  const refreshed = session.refresh()
  await saving.passed
  const closed = app.close().then(() => steps.push('closed'))
  await setImmediate()
  expect(steps).toEqual([])
  written.open()
  await Promise.all([refreshed, closed])
  expect(steps).toEqual(['saved', 'closed'])
})

test('every Observable that is subscribed to twice is two requests, each with the current token', async () => {
  const { auth, api, http, expire } = await startApp()
  const payment = http.get<{ id: string }>('/v1/payments/1')
  await expire()
  const answers = await Promise.all([firstValueFrom(payment), firstValueFrom(payment)])
  expect(answers.map(({ data }) => data.id)).toEqual(['1', '1'])
  expect(api.counters).toEqual({ requests: 4, ok: 2, unauthorized: 2 })
  expect(auth.counters.tokenRequests).toBe(1)
})

test('an HttpModule that is not registered is the same axios for the whole process; it knows no origin, so requests reject', async () => {
  const { session } = await startScene()
  async function startBare(): Promise<HttpService> {
    class BareModule {}
    Module({ imports: [HttpModule] })(BareModule)
    const app = await NestFactory.createApplicationContext(BareModule, { logger: false })
    onTestFinished(() => app.close())
    return app.get(HttpService, { strict: false })
  }
  const [http, ofAnotherApp] = await Promise.all([startBare(), startBare()])
  expect(ofAnotherApp.axiosRef).toBe(http.axiosRef)
  onTestFinished(attach(http.axiosRef, session))
  await expect(firstValueFrom(ofAnotherApp.get('http://127.0.0.1:1/v1/payments/1'))).rejects.toBeInstanceOf(TypeError)
})
