/** Who competes, as it stands in addresses. */
export const CONTESTANTS = ['ours', 'by-hand'] as const

/** The name of a contestant. */
export type ContestantName = (typeof CONTESTANTS)[number]

/** The services that are called; each has an axios instance of its own. */
export const SERVICES = ['payments', 'orders', 'customers'] as const

/** The name of a service. */
export type Service = (typeof SERVICES)[number]
