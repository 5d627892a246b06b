import { SignedOutError } from '../errors/signed-out-error.ts'
import type { SessionState } from './state.ts'

/*
 * Every sign-in begins a lineage: what is under way for the one before, and what a store gives of it, finds out by its name.
 */

/** Former sign-ins a session remembers. */
const MEMORY = 16

/** What comes now is of another sign-in: a new one, or that of a record. */
export function beginLineage(state: SessionState, lineage = newLineage(state.config.clock.now(), state.lineage), generation = 0): void {
  if (lineage !== state.lineage && state.status !== 'unknown')
    state.formerLineages = [...state.formerLineages, state.lineage].slice(-MEMORY)
  state.lineage = lineage
  state.generation = generation
}

/** Whether a sign-in is over, as far as this session knows: what comes of it now was rolled back. */
export function isFormer({ lineage, formerLineages }: SessionState, other: string): boolean {
  // Two sessions that saw a roll-back at different moments must not restore over each other for ever: the later sign-in wins.
  return formerLineages.includes(other) && !isLater(other, lineage)
}

/** By the moment of the sign-in; by name, if that does not tell: all must come to the same answer. */
function isLater(one: string, other: string): boolean {
  const difference = startedAt(one) - startedAt(other)
  return difference ? difference > 0 : one > other
}

/** A name that nobody else gives, with the moment of the sign-in: after the one that it replaces, whatever the clocks say. */
export function newLineage(at: number, replaced: string): string {
  const time = Math.max(at, startedAt(replaced) + 1 || 0)
  return [time, Math.random(), Math.random()].map((part) => part.toString(36).replace('0.', '')).join('.')
}

/** When the sign-in of this name was; not a number for names that others gave. */
function startedAt(lineage: string): number {
  return lineage.includes('.') ? Number.parseInt(lineage, 36) : Number.NaN
}

/** Throws if somebody signed in or out since. */
export function assertLineage(state: SessionState, lineage: string): void {
  if (lineage !== state.lineage) throw lineageOver()
}

/** For whoever waits for the tokens of a sign-in that is over. */
export function lineageOver(): SignedOutError {
  return new SignedOutError('Somebody signed out, or in anew, meanwhile')
}
