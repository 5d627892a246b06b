/**
 * Metrics, and a span of every refresh. It needs `@opentelemetry/api`.
 *
 * @module axios-renew/opentelemetry
 */

export { type InstrumentOptions, instrument } from './opentelemetry/instrument.ts'
