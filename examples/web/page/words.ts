import { BURST } from '../clients/burst.ts'
import type { Contestant } from '../clients/contestant.ts'
import type { Recording } from '../recording/recording.ts'
import { tell } from '../recording/summary.ts'
import type { LabState } from '../servers/lab.ts'

/** What a reader who has just come needs to know. */
export function firstWords(contestant: Contestant, { lanes }: LabState): string {
  const pair = contestant.pair()
  const start = `Press "Send ${BURST} requests".`
  if (contestant.standing() !== 'signed in') return `Nobody is signed in: press "Sign in again", then "Send ${BURST} requests".`
  if (pair && lanes[contestant.name].goodPairs.includes(pair)) return `This tab has found pair ${pair} in the browser's store. ${start}`
  return `Maria's access token has expired, and the page does not know it yet. ${start}`
}

export const GONE = 'The servers have been stopped. "npm run demo:web" starts others.'

/** What each button has done. */
export const DONE = {
  expire: `The access token has expired at the server, and the page does not know it yet. Send ${BURST} requests.`,
  revoke: `The grant has been revoked at the server, as by an administrator, and no tab knows it yet. Send ${BURST} requests.`,
  slow: 'The authorization server takes 3 s for an answer from now on. Expire the access token, then send.',
  fast: 'The authorization server answers in 0.15 s again.',
  cut: 'Nothing gets through to the authorization server. Expire the access token, then send.',
  mend: 'The authorization server can be reached again.',
  tab: 'Another tab: it has the same session and the same pair. Send in every tab, and count the token requests.',
  signIn: 'Maria has signed in again: a new grant, with a good access token.',
  signOutOurs: 'Signed out in every tab; the authorization server was told to revoke the grant.',
  signOutByHand: 'This tab has forgotten its tokens. Others, and the authorization server, have not heard of it.',
  showOurs: 'From here on: axios-renew.',
  showByHand: `From here on: the interceptor that most people write, with a grant of its own. Send ${BURST} requests.`,
}

/** What a burst comes to, and what that means for the reader. */
export function afterBurst(contestant: Contestant, recording: Recording): string {
  const advice = contestant.name === 'ours' ? adviceOurs(contestant, recording) : adviceByHand(recording)
  return `${tell(recording)} ${advice}`.trim()
}

function adviceOurs(contestant: Contestant, { rows }: Recording): string {
  const texts = rows.map(({ outcome }) => outcome?.text ?? '')
  if (contestant.standing() === 'ended') return 'The session has ended for every tab, after one refusal: sign in again.'
  if (contestant.standing() === 'signed out') return 'Nobody is signed in: the requests went out without a token.'
  if (texts.some((text) => text.startsWith('ERR_REFRESH')))
    return 'The session is kept: nobody has to sign in again. Press "Cut it off" once more, wait a moment, and send again.'
  return ''
}

function adviceByHand({ tokenRequests, rows }: Recording): string {
  if (rows.every(({ outcome }) => outcome?.ok)) return ''
  if (tokenRequests.some(({ failure }) => failure === 'invalid_grant'))
    return 'Refresh tokens work once: the grant is gone, and Maria has to sign in again.'
  return ''
}
