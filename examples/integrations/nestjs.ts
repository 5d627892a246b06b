// NestJS: `attach` to the axios instance of the HttpModule, in a provider that Nest starts and stops.
// Providers are made by factories, so that this runs with any compiler settings (tsx emits no decorator metadata).
// Run it with `npx tsx examples/integrations/nestjs.ts`; it needs no network.
import 'reflect-metadata'
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { HttpModule, HttpService } from '@nestjs/axios'
import { Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { attach, createSession, oauth2, type Session } from 'axios-renew'
import { firstValueFrom, forkJoin } from 'rxjs'
import { startAuthorizationServer } from '../servers/authorization-server.ts'
import { startPaymentsApi } from '../servers/payments-api.ts'

const auth = await startAuthorizationServer()
const server = await startPaymentsApi({ accepts: auth.accepts })
const { tokenEndpoint, clientId, clientSecret } = auth

class Payments implements OnModuleInit, OnApplicationShutdown {
  constructor(
    readonly session: Session,
    private readonly http: HttpService,
  ) {}

  onModuleInit() {
    attach(this.http.axiosRef, this.session)
  }

  get(id: number) {
    return this.http.get<{ id: string; status: string }>(`/v1/payments/${id}`)
  }

  /** A pair that is not saved yet must not die with the process. */
  async onApplicationShutdown() {
    await this.session.close()
  }
}

@Module({
  // An instance of its own, with the baseURL: it says which origin gets the token. A bare `HttpModule` is the global axios.
  imports: [HttpModule.registerAsync({ useFactory: () => ({ baseURL: server.url }) })],
  providers: [
    {
      provide: Payments,
      useFactory: (http: HttpService) => new Payments(createSession(oauth2({ tokenEndpoint, clientId, clientSecret })), http),
      inject: [HttpService],
    },
  ],
})
class PaymentsModule {}

const app = await NestFactory.createApplicationContext(PaymentsModule, { logger: ['error'] })
// In an app that runs on: app.enableShutdownHooks(), so that SIGTERM closes it.
try {
  const payments = app.get(Payments)
  const tokens = await auth.authorize('maria')
  await payments.session.signIn(tokens)

  await auth.expire(tokens.access_token)
  const answers = await firstValueFrom(forkJoin([1, 2, 3, 4, 5].map((id) => payments.get(id))))
  const approved = answers.filter(({ data }) => data.status === 'approved').length
  console.log(`five Observables with an expired token: ${approved} approved, ${auth.counters.tokenRequests} token request`)
  assert.deepEqual([approved, auth.counters.tokenRequests], [5, 1])

  // Whoever unsubscribes leaves, also while waiting for a refresh; the refresh goes on, and is there for the next.
  const { requests } = server.counters
  const rejected = await payments.session.getTokens()
  await auth.expire(rejected.accessToken)
  auth.latencyMs = 100
  const refreshed = payments.session.refresh({ rejected })
  await setImmediate() // the refresh has begun
  const impatient = payments.get(6).subscribe({ error: assert.fail })
  await setImmediate() // it waits
  impatient.unsubscribe()
  await refreshed
  const { data } = await firstValueFrom(payments.get(7))
  console.log(`unsubscribed while refreshing: ${server.counters.requests - requests} request, which is for payment ${data.id}`)
  assert.deepEqual([server.counters.requests - requests, data.id, auth.counters.tokenRequests], [1, '7', 2])

  await app.close()
  const closed = await payments.session.refresh().catch((error) => error)
  console.log(`the app is closed, and the session: ${closed.message}`)
  assert.equal(auth.counters.tokenRequests, 2)
} finally {
  await Promise.all([server.close(), auth.close()])
}
