import { expect, test } from 'vitest'
import { COLOURS } from '../../examples/web/drawing/colours.ts'
import { LEGEND, PATTERNS, piece, SHAPE_STYLE } from '../../examples/web/drawing/shapes.ts'
import { drawStill } from '../../examples/web/drawing/still-picture.ts'
import { waterfall } from '../../examples/web/drawing/waterfall.ts'
import { emptyRecording, type Recording, usedBeforeSaved } from '../../examples/web/recording/recording.ts'
import { inWords, summarize, tell } from '../../examples/web/recording/summary.ts'

/** A request that is refused, waits and is sent again; one that is late; one that fails. */
const RECORDING: Recording = {
  rows: [
    {
      group: 'payments',
      from: 0,
      sends: [
        { from: 0, to: 100, pair: 1, status: 401 },
        { from: 320, to: 400, pair: 2, status: 200 },
      ],
      outcome: { at: 400, ok: true, text: '200' },
    },
    {
      group: 'payments',
      from: 0,
      sends: [
        { from: 0, to: 500, pair: 1, status: 401 },
        { from: 500, to: 600, pair: 2, status: 200 },
      ],
      outcome: { at: 600, ok: true, text: '200' },
    },
    { group: 'orders', from: 0, sends: [{ from: 0, to: 200, pair: 1 }], outcome: { at: 200, ok: false, text: 'ERR_NETWORK' } },
  ],
  tokenRequests: [{ from: 100, to: 300, pair: 2 }],
  saves: [{ pair: 2, from: 300, to: 310 }],
  adopted: [],
}

const TITLES = { tokens: 'token requests', payments: 'payments <1>', orders: 'orders' }

/** All elements of a class, with the numbers that say where they are. */
function find(body: string, name: string): { x: number; width: number }[] {
  return [...body.matchAll(new RegExp(`<rect class="${name}" x="([\\d.]+)" y="[\\d.]+" width="([\\d.]+)"`, 'g'))].map(([, x, width]) => ({
    x: Number(x),
    width: Number(width),
  }))
}

test('bars stand where and as long as it is recorded, on one axis', () => {
  // 1 ms is one pixel: 600 ms between the labels on both sides.
  const { body } = waterfall(RECORDING, { width: 686, titles: TITLES, until: 0 })
  expect(find(body, 'refused')).toEqual([
    { x: 22, width: 100 },
    { x: 22, width: 500 },
    { x: 22, width: 200 },
  ])
  expect(find(body, 'replayed')).toEqual([
    { x: 342, width: 80 },
    { x: 522, width: 100 },
  ])
  expect(find(body, 'refresh')).toEqual([{ x: 122, width: 200 }])
  expect(body).toContain('<path class="saved" d="M332 ')
  expect(body).toContain('>pair 2 saved</text>')
  // It waited between its two sends; the late one did not.
  expect(body.match(/class="waiting"/g)).toHaveLength(1)
  expect(body).toMatch(/class="waiting" d="M122 [\d.]+H342"/)
})

test('what is still under way is drawn to the present, as an outline', () => {
  const recording = { ...emptyRecording(), rows: [{ group: 'orders', from: 0, sends: [{ from: 10, pair: 1 }] }] }
  const { body } = waterfall(recording, { width: 686, titles: TITLES, until: 210 })
  expect(find(body, 'pending')).toEqual([{ x: 32, width: 200 }])
})

test('a failure has a cross and a word, and texts cannot break the drawing', () => {
  const { body } = waterfall(RECORDING, { width: 686, titles: TITLES })
  expect(body.match(/class="failed"/g)).toHaveLength(1)
  expect(body).toMatch(/class="outcome bad"[^>]*>no answer</)
  expect(body).toContain('payments &#60;1&#62;')
})

test('before anything is sent the groups have their places', () => {
  const { body, height } = waterfall(emptyRecording(), { width: 686, titles: TITLES, empty: { payments: 2, orders: 1 } })
  expect(body).toContain('orders')
  expect(body).not.toContain('<rect')
  expect(height).toBe(waterfall(RECORDING, { width: 686, titles: TITLES }).height)
})

test('each kind has a shape or a pattern of its own, beside its colour', () => {
  const shapes = LEGEND.map(([kind]) => piece(kind, 0, 20, 0, 10).replaceAll(/class="\w+"/g, ''))
  // Of the two plain bars one is an outline.
  expect(new Set(shapes).size).toBe(LEGEND.length - 1)
  expect(piece('pending', 0, 20, 0, 10).replace('pending', 'fine')).toBe(piece('fine', 0, 20, 0, 10))
  expect(SHAPE_STYLE).toMatch(/\.pending\{stroke:[^}]+;fill:none\}/)
  const patterns = [...PATTERNS.matchAll(/<pattern id="over-(\w+)".*?>(.*?)<\/pattern>/g)]
  expect(patterns.map(([, kind]) => kind)).toEqual(['refused', 'refresh'])
  expect(new Set(patterns.map(([, , inside]) => inside)).size).toBe(2)
})

test('the still shows both and what became of them, without anything from elsewhere', () => {
  const failed: Recording = {
    ...RECORDING,
    tokenRequests: Array.from({ length: 9 }, (_, at) => ({ from: at, to: 90, failure: 'invalid_grant' })),
  }
  const outcomes = { ours: { recording: RECORDING, grantAlive: true }, 'by-hand': { recording: failed, grantAlive: false } }
  const still = drawStill(outcomes, COLOURS.dark)
  expect(still).toContain('2 × 401, 1 token request, 1 of 3 fail.')
  expect(still).toContain('2 × 401, 9 token requests, the grant is revoked, 1 of 3 fail.')
  expect(still).toMatch(/<title id="title">[^<]+<\/title>\s*<desc id="desc">With axios-renew: [^<]+<\/desc>/)
  expect(still.match(/<rect class="refresh"/g)?.length).toBeGreaterThanOrEqual(10)
  expect(still).toContain(COLOURS.dark.panel)
  expect(still).not.toContain(COLOURS.light.panel)
  expect(still).not.toMatch(/var\(|href|url\((?!#)|undefined|NaN/)
  expect(SHAPE_STYLE).toContain('var(--panel)')
})

test('a recording in words', () => {
  expect(summarize(RECORDING)).toMatchObject({
    requests: 3,
    succeeded: 2,
    failed: 1,
    unauthorized: 2,
    tokenRequests: 1,
    usedBeforeSaved: 0,
  })
  expect(tell(RECORDING)).toBe(
    '3 requests in 600 ms: 2 × 401, 1 token request. Pair 2 was saved before anybody used it. 1 failed: ERR_NETWORK.',
  )
  expect(inWords(RECORDING)[2]).toBe('orders: sent with pair 1 at 0 ms, no answer after 200 ms; failed at 200 ms with ERR_NETWORK.')
})

test('a pair that is used before it is saved is seen', () => {
  const early: Recording = { ...RECORDING, saves: [{ pair: 2, from: 300, to: 330 }] }
  expect(usedBeforeSaved(early)).toBe(1)
  expect(usedBeforeSaved({ ...RECORDING, saves: [{ pair: 2, from: 300 }] })).toBe(2)
  expect(tell(early)).toContain('Pair 2 was saved, when it had been used 1 time.')
})
