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
        : { text: `the new pair is on the disk; requests that used it before: ${replayed}`, tone: 'good' },
  }
}

/** What happened, in plain words; a paragraph for each contestant. */
export function verdict(ours: Result, byHand: Result): string[] {
  const saved = ours.usedBeforeSaved === 0 ? 'which was on the disk before anybody used it' : 'which was used before it was on the disk'
  const fate = byHand.grantAlive
    ? `This time the grant survived: ${byHand.failed} requests failed.`
    : `The server takes that for theft and revokes the grant: ${byHand.failed} requests\nfailed, and the seller has to authorise the app again.`
  return [
    `axios-renew: ${ours.unauthorized} requests got a 401, ${plural(ours.tokenRequests, 'token request')} followed, and all replays carried\n` +
      `the same new pair, ${saved}. ${ours.failed} requests failed.`,
    `By hand: every 401 asked for a pair of its own; ${byHand.reused} of these requests brought a spent\nrefresh token. ${fate}`,
  ]
}

function plural(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}
