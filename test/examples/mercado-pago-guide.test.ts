import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const FOLDER = fileURLToPath(new URL('../../docs/mercado-pago/', import.meta.url))
const PROGRAMS = fileURLToPath(new URL('../../examples/mercado-pago/', import.meta.url))
const ENGLISH = 'README.md'
const TRANSLATIONS = ['es.md', 'pt.md']

const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')

interface Block {
  preamble: string
  language: string
  code: string
}

function blocksOf(markdown: string): Block[] {
  const found = markdown.matchAll(/(?:<!-- snippet: preamble\n((?:(?!-->).)*?)-->\n)?^```(\w+)\n(.*?)^```$/gms)
  return [...found].map(([, preamble = '', language = '', code = '']) => ({ preamble, language, code }))
}

const proseOf = (markdown: string) => markdown.replaceAll(/<!--.*?-->\n|^```\w+\n.*?^```$/gms, '')

/** The words of a program, without comments and white space. */
function tokensOf(code: string): string[] {
  const file = ts.createSourceFile('block.ts', code, ts.ScriptTarget.Latest, true)
  const words: string[] = []
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(file)
    if (children.length === 0 && node.getText(file)) words.push(node.getText(file))
    for (const child of children) if (!ts.isJSDoc(child)) visit(child)
  }
  visit(file)
  return words
}

/** What a block does, without what it says about it. */
function deeds({ language, code }: Block): string {
  if (language === 'ts') return tokensOf(code).join(' ')
  return code
    .split('\n')
    .map((line) => line.replace(/(^|\s+)# .*$/, ''))
    .filter(Boolean)
    .join('\n')
}

const headingsOf = (markdown: string) => proseOf(markdown).match(/^#+(?= )/gm) ?? []

/** The same page in another language, and the same heading under another name, are the same. */
function linksOf(markdown: string, name: string): string[] {
  const others = [ENGLISH, ...TRANSLATIONS].filter((other) => other !== name)
  const links = [...proseOf(markdown).matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) =>
    link.replace(/\/developers\/(en|es|pt)\//, '/developers/'),
  )
  expect(others.every((other) => links.includes(other))).toBe(true)
  return links.filter((link) => !others.includes(link))
}

test('links lead somewhere', () => {
  for (const name of [ENGLISH, ...TRANSLATIONS]) {
    const local = linksOf(read(name), name).filter((link) => !link.startsWith('https:'))
    expect(local.length).toBeGreaterThan(10)
    for (const link of local) expect([link, existsSync(join(FOLDER, link.replace(/#.*/, '')))]).toEqual([link, true])
  }
})

describe.each(TRANSLATIONS)('%s', (name) => {
  const [english, translation] = [read(ENGLISH), read(name)]

  test('has the sections of the English guide', () => {
    expect(headingsOf(translation)).toEqual(headingsOf(english))
    expect(headingsOf(english).length).toBeGreaterThan(14)
  })

  test('has its code, but for the comments', () => {
    expect(blocksOf(translation).map(deeds)).toEqual(blocksOf(english).map(deeds))
    expect(blocksOf(translation).map(({ preamble }) => preamble)).toEqual(blocksOf(english).map(({ preamble }) => preamble))
  })

  test('has its links', () => {
    expect(linksOf(translation, name)).toEqual(linksOf(english, ENGLISH))
  })

  test('has its tables, lists and marks of doubt', () => {
    const shape = (markdown: string) => proseOf(markdown).match(/^(\||- \[ \]|- |\d\. )/gm)
    expect(shape(translation)).toEqual(shape(english))
    expect(translation.match(/†/g)).toHaveLength((english.match(/†/g) ?? []).length)
  })

  test('is translated throughout, the comments too', () => {
    const longLines = (markdown: string) => markdown.split('\n').filter((line) => line.length > 60)
    const wordsOf = (markdown: string) => proseOf(markdown).replaceAll(/\]\([^)]+\)/g, ']')
    const prose = new Set(longLines(wordsOf(english)))
    expect(longLines(wordsOf(translation)).filter((line) => prose.has(line))).toEqual([])
    const comments = (markdown: string) =>
      blocksOf(markdown).flatMap(({ code }) => code.match(/(?<=\/\/ |\/\*\* |# )(?!\w[\w.-]+$).*/gm) ?? [])
    const said = new Set(comments(english).filter((comment) => !/^(crontab|Kubernetes)/.test(comment)))
    expect(said.size).toBeGreaterThan(25)
    expect(comments(translation).filter((comment) => said.has(comment))).toEqual([])
  })
})

describe('what is shown is what runs', () => {
  const blocks = blocksOf(read(ENGLISH)).filter(({ language }) => language === 'ts')
  const fileOf = ({ code }: Block) => /^\/\/ ([\w.-]+\.ts)\n/.exec(code)?.[1] ?? ''

  test.each(blocks.map((block, i) => [`block ${i}, of ${fileOf(block)},`, block] as const))('%s stands in that file', (_name, block) => {
    const program = readFileSync(join(PROGRAMS, fileOf(block)), 'utf8').replaceAll(/^import .* from '\.\/.*'\n/gm, '')
    expect(` ${tokensOf(program).join(' ')} `).toContain(` ${deeds(block)} `)
  })

  test('every program is shown, or linked', () => {
    for (const program of readdirSync(PROGRAMS)) {
      expect([program, read(ENGLISH).includes(program)]).toEqual([program, true])
    }
  })
})

test('the test that the guide names is there', () => {
  const [, named = ''] = /\[A test\]\(([^)]+)\)/.exec(read(ENGLISH)) ?? []
  expect(existsSync(join(FOLDER, named))).toBe(true)
  expect(dirname(named)).toBe('../../test/examples')
})
