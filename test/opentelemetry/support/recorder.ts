import { type Context, context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { onTestFinished } from 'vitest'
import { expectNoToken } from '../../support/canary.ts'

/** One series of a counter or a histogram. */
export interface Series {
  name: string
  unit: string
  attributes: Record<string, unknown>
  /** Of a counter the sum; of a histogram how often something was recorded. */
  count: number
  /** Of a histogram: the sum of what was recorded. */
  sum?: number
}

/** What the SDK would send away. */
export interface Recorder {
  meters: MeterProvider
  tracers: BasicTracerProvider
  series(name: string): Promise<Series[]>
  /** The sum over the series of a metric whose attributes are (also) these. */
  total(name: string, attributes?: Record<string, unknown>): Promise<number>
  names(): Promise<string[]>
  spans(): ReadableSpan[]
  /** Those of refreshes. */
  refreshSpans(): ReadableSpan[]
}

/** Sets up the real SDK for one test. What it has recorded is searched for tokens at the end. */
export function createRecorder(): Recorder {
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const meters = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 2 ** 30 })],
  })
  const spanExporter = new InMemorySpanExporter()
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

  async function all(): Promise<Series[]> {
    metricExporter.reset()
    await meters.forceFlush()
    const metrics = metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
    return metrics.flatMap(({ descriptor: { name, unit }, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => {
        const { count, sum } = value as Histogram
        return typeof value === 'number' ? { name, unit, attributes, count: value } : { name, unit, attributes, count, sum }
      }),
    )
  }

  const recorder: Recorder = {
    meters,
    tracers,
    series: async (name) => (await all()).filter((one) => one.name === name),
    async total(name, attributes = {}) {
      const wanted = Object.entries(attributes)
      const found = (await recorder.series(name)).filter((one) => wanted.every(([key, value]) => one.attributes[key] === value))
      return found.reduce((sum, { count }) => sum + count, 0)
    },
    names: async () => [...new Set((await all()).map(({ name }) => name))].sort(),
    spans: () => spanExporter.getFinishedSpans(),
    refreshSpans: () => spanExporter.getFinishedSpans().filter(({ name }) => name === 'axios_renew.refresh'),
  }
  onTestFinished(async () => {
    expectNoToken(await all(), 'the metrics')
    for (const { name, attributes, status, events, links } of spanExporter.getFinishedSpans())
      expectNoToken({ name, attributes, status, events, links }, 'a span')
    for (const api of [context, trace, propagation]) api.disable()
    await Promise.all([meters.shutdown(), tracers.shutdown()])
  })
  return recorder
}

/** Runs something as part of a span, as an instrumented server would run a handler. */
export async function within<T>({ tracers }: Recorder, name: string, run: () => Promise<T>): Promise<T> {
  const span = tracers.getTracer('app').startSpan(name)
  const inside: Context = trace.setSpan(context.active(), span)
  return context.with(inside, run).finally(() => span.end())
}
