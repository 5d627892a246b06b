import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readGuide } from './run-block.ts'

const headingsOf = (text: string) => [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title)

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

/** The targets of the links of a text, as they are written. */
const linksOf = (text: string) => [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)

describe.each(['security.md', 'troubleshooting.md'])('%s', (name) => {
  test('links to files that are there, and to headings that are in them', () => {
    const missing = linksOf(readGuide(name)).filter((target) => {
      if (target.startsWith('https:')) return false
      const [path = '', anchor] = target.split('#')
      if (path && !existsSync(resolve('docs', path))) return true
      return (
        anchor !== undefined &&
        !headingsOf(readGuide(path || name))
          .map(anchorOf)
          .includes(anchor)
      )
    })
    expect(missing).toEqual([])
  })
})

test('the symptoms are listed at the top, in the order in which they come', () => {
  const [top = '', rest = ''] = readGuide('troubleshooting.md').split(/^(?=## Look first$)/m)
  const symptoms = [...rest.matchAll(/^### (.+)$/gm)].map(([, title = '']) => title)
  expect([...top.matchAll(/^- \[(.+?)\]\(/gm)].map(([, title]) => title)).toEqual(symptoms)
  expect(symptoms.length).toBeGreaterThanOrEqual(30)
  for (const part of rest.split(/^### /m).slice(1)) {
    for (const word of ['**Make sure.**', '**Cause.**', '**Cure.**']) expect(part).toContain(word)
  }
})
