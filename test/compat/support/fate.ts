import { AxiosError } from 'axios'

/** What became of a request, in words that can be compared: `resolved 200`, `rejected ERR_SESSION_ENDED`, `rejected 401`. */
export async function fateOf(request: Promise<{ status: number }>): Promise<string> {
  try {
    return `resolved ${(await request).status}`
  } catch (error) {
    return `rejected ${reason(error)}`
  }
}

function reason(error: unknown): string {
  if (error instanceof AxiosError && error.response) return String(error.response.status)
  const { code, name } = Object(error) as { code?: string; name?: string }
  return code ?? name ?? typeof error
}

/** What became of a request that may never settle: `pending` after this time, in ms. */
export async function fateWithin(request: Promise<{ status: number }>, ms: number): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(PENDING), ms)
  })
  const fate = await Promise.race([fateOf(request), late])
  clearTimeout(timer)
  return fate
}

/** The fate of a request that has not settled when everything that could happen has happened. */
export const PENDING = 'pending'

/** How many resolved. */
export function countResolved(fates: readonly string[]): number {
  return fates.filter((fate) => fate.startsWith('resolved')).length
}
