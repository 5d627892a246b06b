import { cpus } from 'node:os'
import axios from 'axios'
import type { Result } from './measure.ts'

/** What was raced, and what came out. */
export interface RaceReport {
  title: string
  /** Requests in one round, for one contestant. */
  requests: number
  /** Refreshes that a round needs. */
  refreshes: number
  /** With whom the others are compared. */
  reference: string
  results: readonly Result[]
  /** The most that this library's ratio may be. */
  bar?: number
}

/** A whole run. */
export interface Report {
  environment: { node: string; cpu: string; axios: string; date: string; quick: boolean }
  races: readonly RaceReport[]
  /** Counts of this library that are wrong. */
  wrong: readonly string[]
  /** Bars that this library missed. */
  missed: readonly string[]
}

/** The name of this library's lane. */
const OURS = 'axios-renew'

/** Draws the conclusions from the races. */
export function conclude(races: readonly RaceReport[], quick: boolean): Report {
  const cpu = cpus()
  return {
    environment: {
      node: process.version,
      cpu: `${cpu[0]?.model ?? 'unknown'} x ${cpu.length}`,
      axios: axios.VERSION,
      date: new Date().toISOString(),
      quick,
    },
    races,
    wrong: races.flatMap((race) => wrongCounts(race)),
    missed: races.flatMap((race) => missedBar(race)),
  }
}

/** Every request must have succeeded, with as many refreshes as are needed and no grant lost. */
function wrongCounts({ title, requests, refreshes, results }: RaceReport): string[] {
  const { ok, refreshes: counted, grantsLost } = oursIn(results)
  const right = JSON.stringify({ ok: [requests, requests], refreshes: [refreshes, refreshes], grantsLost: 0 })
  const seen = JSON.stringify({ ok, refreshes: counted, grantsLost })
  return seen === right ? [] : [`${title}: expected ${right}, counted ${seen}`]
}

function missedBar({ title, results, bar }: RaceReport): string[] {
  const { ratio = Number.NaN } = oursIn(results)
  return bar === undefined || ratio <= bar ? [] : [`${title}: ${ratio.toFixed(3)}, expected at most ${bar}`]
}

function oursIn(results: readonly Result[]): Result {
  const ours = results.find(({ name }) => name === OURS)
  if (!ours) throw new Error(`${OURS} did not take part`)
  return ours
}
