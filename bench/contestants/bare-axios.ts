import type { Contestant } from './contestant.ts'

/** Axios as it is: no token at all. */
export const bareAxios: Contestant = { name: 'bare axios', protect() {} }
