/** The path of a required program; `undefined` where it is missing. */
export function findProgram(name: 'chromium' | 'redis' | 'postgres' | 'pgbouncer'): string | undefined
