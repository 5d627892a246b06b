/**
 * Type-checks every ts and js block of README.md and docs/, each as a file of its own, against the sources.
 *
 * Declarations that would bore the reader go before the block, where Markdown does not show them:
 *
 *     <!-- snippet: preamble
 *     declare const db: { read(): Promise<TokenSet> }
 *     -->
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import ts from 'typescript'

const PREAMBLE = /<!--\s*snippet: preamble\b(?<preamble>(?:(?!-->).)*)-->\s*/
const BLOCK = /^(?<indent>[ \t]*)```(?<language>ts|js|typescript|javascript)\b[^\n]*\n(?<code>.*?)^[ \t]*```[ \t]*$/
const SNIPPET = new RegExp(`(?:${PREAMBLE.source})?${BLOCK.source}`, 'gms')
/** A block that is not checked is a block that is wrong one day. */
const OPT_OUT = /@ts-ignore|@ts-nocheck|@noErrors/

const snippets = new Map(markdownFiles().flatMap(extract))
const problems = [...optOuts(), ...typeErrors()]
for (const problem of problems) console.error(problem)
console.log(`${snippets.size} snippets, ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0

function markdownFiles() {
  const docs = existsSync('docs') ? readdirSync('docs', { recursive: true }).map((name) => join('docs', name)) : []
  return ['README.md', ...docs.filter((name) => name.endsWith('.md')).sort()]
}

/** Gives each block a path in the project, so that it resolves imports as a file there would. */
function extract(markdown) {
  const text = readFileSync(markdown, 'utf8')
  const lineAt = (index) => text.slice(0, index).split('\n').length
  return [...text.matchAll(SNIPPET)].map(({ 0: whole, index, groups: { preamble = '', indent, language, code } }) => {
    const start = index + whole.lastIndexOf(code)
    const outdented = code.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    const snippet = { markdown, line: lineAt(start), preambleLine: lineAt(index), code: `${preamble}\n${outdented}`, preamble }
    return [resolve(`${markdown}.${snippet.line}.${language.startsWith('j') ? 'js' : 'ts'}`), snippet]
  })
}

function optOuts() {
  return [...snippets.values()]
    .filter(({ code }) => OPT_OUT.test(code))
    .map(({ markdown, line }) => `${markdown}:${line}: a snippet must not be left out of the check`)
}

function typeErrors() {
  const options = compilerOptions()
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => snippets.has(path) || fileExists(path)
  host.readFile = (path) => snippets.get(path)?.code ?? readFile(path)
  host.getSourceFile = (path, target, ...rest) =>
    snippets.has(path) ? ts.createSourceFile(path, snippets.get(path).code, target) : getSourceFile(path, target, ...rest)
  const program = ts.createProgram([...snippets.keys()], options, host)
  return ts.getPreEmitDiagnostics(program).map(describe)
}

function compilerOptions() {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, process.cwd())
  return {
    ...options,
    allowJs: true,
    checkJs: true,
    // Each block stands alone: what one declares, another does not see.
    moduleDetection: ts.ModuleDetectionKind.Force,
    // House rules of ours, and not of the reader's.
    noUnusedLocals: false,
    noUnusedParameters: false,
    noUncheckedIndexedAccess: false,
    verbatimModuleSyntax: false,
    isolatedModules: false,
  }
}

/** Says where it is in the Markdown. */
function describe({ file, start, messageText }) {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n')
  if (!file) return message
  const { line } = file.getLineAndCharacterOfPosition(start)
  const snippet = snippets.get(file.fileName)
  if (!snippet) return `${relative('.', file.fileName)}:${line + 1}: ${message}`
  const own = line - snippet.preamble.split('\n').length
  return `${snippet.markdown}:${own >= 0 ? snippet.line + own : snippet.preambleLine + line}: ${message}`
}
