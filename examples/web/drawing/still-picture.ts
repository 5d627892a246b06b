import type { ContestantName } from '../names.ts'
import { endOf, type Recording } from '../recording/recording.ts'
import { plural, summarize } from '../recording/summary.ts'
import type { Colours } from './colours.ts'
import { escapeText, type Kind, LEGEND, PATTERNS, piece, round, SHAPE_STYLE } from './shapes.ts'
import { waterfall } from './waterfall.ts'

const WIDTH = 880
const MARGIN = 18
const GAP = 28
const PANEL = (WIDTH - 2 * MARGIN - GAP) / 2
const HEAD = 64
const FOOT = 34

/** How long each name of the legend is, in a font of 11.5 pixels. */
const LEGEND_STEPS: Partial<Record<Kind, number>> = { refused: 84, waiting: 76, refresh: 116, saved: 122, replayed: 124, failed: 70 }

const HEADINGS: Readonly<Record<ContestantName, string>> = {
  ours: 'With axios-renew',
  'by-hand': 'With an interceptor written by hand',
}

/** What happened to a contestant, and what the server made of its grant. */
export interface Outcome {
  recording: Recording
  grantAlive: boolean
}

/** Draws what happened to both, side by side and on the same axis of time, as a picture that needs nothing else. */
export function drawStill(outcomes: Readonly<Record<ContestantName, Outcome>>, colours: Colours): string {
  const names = ['ours', 'by-hand'] as const
  const recordings = names.map((name) => outcomes[name].recording)
  const atLeastMs = Math.max(...recordings.map(endOf)) * 1.04
  const tokenRows = Math.max(...recordings.map(({ tokenRequests }) => tokenRequests.length))
  const titles = { tokens: 'token requests', payments: 'payments', orders: 'orders', customers: 'customers' }
  const panels = recordings.map((recording) => waterfall(recording, { width: PANEL, titles, dense: true, atLeastMs, tokenRows }))
  const height = HEAD + Math.max(...panels.map((panel) => panel.height)) + FOOT
  const parts = names.map((name, index) => {
    const lines = [
      `<text class="title" font-size="16" y="18">${HEADINGS[name]}</text>`,
      `<text class="${outcomes[name].grantAlive ? 'good' : 'bad'}" font-size="12.5" y="38">${escapeText(verdict(outcomes[name]))}</text>`,
      `<g transform="translate(0 ${HEAD - MARGIN})">${panels[index]?.body}</g>`,
    ]
    return `<g transform="translate(${MARGIN + index * (PANEL + GAP)} ${MARGIN})">${lines.join('')}</g>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">30 requests at once with an expired access token</title>`,
    `<desc id="desc">${escapeText(names.map((name) => `${HEADINGS[name]}: ${verdict(outcomes[name])}`).join(' '))}</desc>`,
    `<style>${withColours(SHAPE_STYLE, colours)}</style><defs>${PATTERNS}</defs>`,
    `<rect width="${WIDTH}" height="${height}" rx="8" fill="${colours.panel}"/>`,
    ...parts,
    legend(height - 16),
    '</svg>\n',
  ].join('\n')
}

/** What became of a contestant, in a line. */
function verdict({ recording, grantAlive }: Outcome): string {
  const { requests, succeeded, failed, tokenRequests, unauthorized } = summarize(recording)
  const asked = `${unauthorized} × 401, ${plural(tokenRequests, 'token request')}`
  const fate = grantAlive ? '' : ', the grant is revoked'
  return `${asked}${fate}, ${failed === 0 ? `${succeeded} of ${requests} succeed` : `${failed} of ${requests} fail`}.`
}

function legend(y: number): string {
  let x = MARGIN
  const entries = LEGEND.flatMap(([kind, words]) => {
    const step = LEGEND_STEPS[kind]
    if (!step) return []
    const shape = piece(kind, kind === 'saved' || kind === 'failed' ? x + 8 : x, x + 18, y - 8, 8)
    const entry = `${shape}<text class="quiet" font-size="11.5" x="${round(x + 24)}" y="${y}">${words}</text>`
    x += step + 20
    return [entry]
  })
  return entries.join('')
}

/** Pictures are shown by programs that know no custom properties. */
function withColours(style: string, colours: Colours): string {
  const values: Readonly<Record<string, string>> = { ...colours }
  return `${style.replaceAll(/var\(--(\w+)\)/g, (_, name) => values[name] ?? '')}.good{fill:${colours.fine}}`
}
