/** Where a declaration begins, and its name. */
const START = /^(?<exported>export )?(?:declare )?(?:abstract )?(?:class|const|enum|function|interface|type) (?<name>\w+)/

/**
 * The declarations of one of api-extractor's reports, by name.
 *
 * @returns for each name whether the entry exports it, and how it reads.
 */
export function declarationsOf(report) {
  const [, code = ''] = /```ts\n(.*)```/s.exec(report) ?? []
  const declarations = new Map()
  for (const block of plain(code)
    .split(/^\/\/ @public.*\n/m)
    .slice(1)) {
    const text = block.trim()
    const { exported, name } = START.exec(text)?.groups ?? {}
    if (!name) throw new Error(`A declaration of a kind that was not expected: ${text}`)
    // Overloads are one declaration each.
    const overloads = declarations.get(name)
    declarations.set(name, { exported: Boolean(exported), text: overloads ? `${overloads.text}\n${text}` : text })
  }
  return declarations
}

/** Without remarks, and every name as users know it: one that a global has, too, is numbered in the report. */
function plain(code) {
  // Of comments only those are left that stand within a union.
  let text = code.replaceAll(/^ *(\/\*\*.*?\*\/|\/\/ \((undocumented|No @packageDocumentation)[^\n]*)\n/gms, '')
  for (const [line, local] of code.matchAll(/^export \{ (\w+) as \w+ \}\n/gm)) {
    text = text.replace(line, '').replace(new RegExp(`^(?=\\w+ ${local}\\b)`, 'm'), 'export ')
  }
  return text.replaceAll(/\b([A-Z]\w*)_\d+\b/g, '$1')
}

/** What a file adds to the types of other packages, which api-extractor passes over. */
export function augmentationsOf(file) {
  return [...file.matchAll(/^declare module .*?^}/gms)].map(([block]) => block.replaceAll(/^\s*\/\*\*.*?\*\/\n/gms, ''))
}
