import { endOf, isOver, type Recording, usedBeforeSaved } from './recording.ts'

/** What a recording comes to. */
export interface Summary {
  requests: number
  succeeded: number
  failed: number
  unauthorized: number
  tokenRequests: number
  usedBeforeSaved: number
  durationMs: number
}

/** Adds a recording up. */
export function summarize(recording: Recording): Summary {
  const { rows, tokenRequests } = recording
  const succeeded = rows.filter(({ outcome }) => outcome?.ok).length
  return {
    requests: rows.length,
    succeeded,
    failed: rows.filter(({ outcome }) => outcome && !outcome.ok).length,
    unauthorized: rows.flatMap(({ sends }) => sends).filter(({ status }) => status === 401).length,
    tokenRequests: tokenRequests.length,
    usedBeforeSaved: usedBeforeSaved(recording),
    durationMs: Math.round(endOf(recording)),
  }
}

/** What has happened, or happens, in plain words. */
export function tell(recording: Recording): string {
  const { requests, unauthorized, tokenRequests, durationMs, failed } = summarize(recording)
  if (requests === 0) return ''
  if (!isOver(recording)) {
    const news = [...recording.saves.filter(({ to }) => to), ...recording.adopted].at(-1)
    if (recording.tokenRequests.some(({ to }) => to === undefined))
      return 'The authorization server is asked for a new pair; whoever was refused waits.'
    return news ? `Pair ${news.pair} is saved: whoever was refused is sent again.` : `${requests} requests are on their way.`
  }
  const start = `${plural(requests, 'request')} in ${durationMs} ms: ${unauthorized} × 401, ${plural(tokenRequests, 'token request')}`
  return `${start}. ${pairs(recording)}${failed === 0 ? `All ${requests} have got their answer.` : `${failed} failed: ${reasons(recording)}.`}`
}

function pairs(recording: Recording): string {
  const { saves, adopted } = recording
  const early = usedBeforeSaved(recording)
  const news = adopted.at(-1)
  const said = news ? `Pair ${news.pair} came from another tab. ` : ''
  const save = saves.at(-1)
  if (!save) return said
  if (recording.tokenRequests.some(({ failure }) => failure === 'invalid_grant'))
    return `${said}Pair ${save.pair} was saved, and is gone with the grant. `
  const order = early > 0 ? `, when it had been used ${plural(early, 'time')}` : ' before anybody used it'
  return `${said}Pair ${save.pair} was saved${order}. `
}

function reasons({ rows }: Recording): string {
  const texts = new Set(rows.flatMap(({ outcome }) => (outcome && !outcome.ok ? [outcome.text] : [])))
  return [...texts].join(', ')
}

/** A number and what it counts. */
export function plural(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

/** What became of each request, a line each. */
export function inWords({ rows }: Recording): string[] {
  return rows.map(({ group, sends, outcome }) => {
    const tries = sends.map(({ from, to = from, pair, status }) => {
      const token = pair === undefined ? 'without a token' : `with pair ${pair}`
      return `sent ${token} at ${Math.round(from)} ms, ${status ?? 'no answer'} after ${Math.round(to - from)} ms`
    })
    const fate = outcome && !outcome.ok ? [`failed at ${Math.round(outcome.at)} ms with ${outcome.text}`] : []
    return `${group}: ${[...tries, ...fate].join('; ')}.`
  })
}
