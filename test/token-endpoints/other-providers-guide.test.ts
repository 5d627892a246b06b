import { describe, expect, test } from 'vitest'
import { ROWS, SECTIONS } from './fixtures/provider-guide.ts'
import { PROVIDERS } from './fixtures/providers.ts'

/** Those with a preset: their tests are in `providers`. */
const PRESETS = ['Mercado Pago', 'Mercado Libre']

describe('docs/providers.md', () => {
  test('has a section and a row of the table for every provider, in the same order', () => {
    const names = [...PRESETS, ...PROVIDERS.map(({ name }) => name)].sort()
    expect([...SECTIONS.keys()].sort()).toEqual(names)
    expect(ROWS.map(({ name }) => name)).toEqual([...SECTIONS.keys()])
  })

  test('links each row to its section', () => {
    for (const { name, anchor } of ROWS) expect(anchor).toBe(name?.toLowerCase().replaceAll(' ', '-'))
  })

  test.each([...SECTIONS])('says where the facts about %s come from', (name, text) => {
    const sources = /^Sources?: .*$/ms.exec(text)?.[0] ?? ''
    expect(sources).toMatch(name === 'A back end of your own' ? /\]\(/ : /\]\(https:\/\//)
  })
})
