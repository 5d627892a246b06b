import { always401 } from './always-401.ts'
import { concurrent401s } from './concurrent-401s.ts'
import { invalidGrant } from './invalid-grant.ts'
import { late401 } from './late-401.ts'
import { latencyJitter } from './latency-jitter.ts'
import { leavingTheWait } from './leaving-the-wait.ts'
import { oneSocket } from './one-socket.ts'
import { otherOrigin } from './other-origin.ts'
import { runsTwice } from './runs-twice.ts'
import { sameInstance } from './same-instance.ts'
import { signOut } from './sign-out.ts'
import { streamBody } from './stream-body.ts'
import { twoInstances } from './two-instances.ts'

/** The rows of the comparison, in the order of the table. */
export const scenarios = [
  concurrent401s,
  latencyJitter,
  late401,
  invalidGrant,
  streamBody,
  runsTwice,
  leavingTheWait,
  always401,
  otherOrigin,
  sameInstance,
  twoInstances,
  signOut,
  oneSocket,
]
