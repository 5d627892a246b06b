import type { Result } from './contest.ts'
import type { Moment, Story } from './timeline.ts'

const ASKED: Moment = { when: ({ tokenRequests }) => tokenRequests > 0, text: 'the first 401 asks for a new pair', tone: 'plain' }
const REVOKED: Moment = {
  when: ({ grantsRevoked }) => grantsRevoked > 0,
  text: 'a later 401 sends the same refresh token: the server revokes the grant',
  tone: 'bad',
}

/** The moments to tell of a contest with so many requests. */
export function story(requests: number): Story {
  return {
    opening: `${requests} requests leave, all with the expired token`,
    moments: [ASKED, REVOKED],
    written: ({ replayed, grantsRevoked }) =>
      grantsRevoked > 0
        ? { text: 'the new pair is on the disk, but it has died with the grant', tone: 'bad' }
        : { text: `the new pair is on the disk; requests that have used it so far: ${replayed}`, tone: 'good' },
  }
}

/** What happened, in plain words; a paragraph for each contestant. */
export function verdict(ours: Result, byHand: Result): string[] {
  const order = ours.usedBeforeSaved === 0 ? 'before' : 'only after'
  const fate = byHand.grantAlive
    ? `This time the grant survived; ${plural(byHand.failed, 'request')} failed.`
    : `That looks like theft, so the server revokes the grant: ${plural(byHand.failed, 'request')}\nfailed, and the seller has to authorise the app again.`
  return [
    `axios-renew: ${ours.unauthorized} times 401 led to ${plural(ours.tokenRequests, 'token request')}. The new pair was on the disk ${order}\n` +
      `anybody used it, and served ${plural(ours.replayed, 'replay')}. ${plural(ours.failed, 'request')} failed.`,
    `By hand: ${byHand.unauthorized} times 401 led to ${plural(byHand.tokenRequests, 'token request')}, ${byHand.reused} of them with a refresh token that\n` +
      `was spent. ${fate}`,
  ]
}

function plural(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}
