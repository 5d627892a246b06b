import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** The text of a guide. */
export function readGuide(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8')
}

/** What a block needs to run in a test. */
export interface BlockOptions {
  /** Which block below the heading; the first is 0. */
  nth?: number
  /** The names that the block uses and does not make: what its preamble declares. */
  given?: Record<string, unknown>
  /** Addresses of the guide, and what stands for them in the test. */
  addresses?: Record<string, string>
}

/**
 * Runs a block of a guide as it stands there, so that what people copy is what was tested.
 *
 * @param heading the heading it is below, without the hashes.
 * @returns what the block has declared at its top level.
 */
export async function runBlock<Made extends object>(
  guide: string,
  heading: string,
  { nth = 0, given = {}, addresses = {} }: BlockOptions = {},
): Promise<Made> {
  let code = blockOf(guide, heading, nth)
  for (const [address, actual] of Object.entries(addresses)) code = code.replaceAll(address, actual)

  const modules: Record<string, unknown> = {}
  for (const [, specifier = ''] of code.matchAll(/^import .*?from '([^']+)'/gm)) modules[specifier] = await import(specifier)
  const bare = ts.transpile(code, { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true })
  const made = [...bare.matchAll(/^(?:const|let|(?:async )?function) (\w+)/gm)].map(([, name]) => name)
  const body = `${bare.replace(/^export \{\};?$/m, '').replaceAll(/^import (.+?) from '([^']+)';?$/gm, bind)}\nreturn { ${made.join(', ')} }`
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor
  return new AsyncFunction('modules', ...Object.keys(given), body)(modules, ...Object.values(given))
}

/** A block as it stands in a guide. */
export function blockOf(guide: string, heading: string, nth = 0): string {
  const code = blocksBelow(readGuide(guide), heading)[nth]
  if (code === undefined) throw new Error(`${guide}: no block ${nth} below "${heading}"`)
  return code
}

function blocksBelow(text: string, heading: string): string[] {
  const [, rest] = text.split(new RegExp(`^#+ ${heading.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`, 'm'))
  if (rest === undefined) throw new Error(`no heading "${heading}"`)
  const [section = ''] = rest.split(/^#+ /m)
  return [...section.matchAll(/^```(?:ts|js)\n(.*?)^```$/gms)].map(([, code = '']) => code)
}

/** An import, as a function body can have it. */
function bind(_whole: string, names: string, specifier: string): string {
  const [, standard, named] = /^(\w+)?(?:, )?(\{.*\})?$/.exec(names) ?? []
  const parts = [standard && `default: ${standard}`, named?.slice(1, -1).replaceAll(' as ', ': ')].filter(Boolean)
  return `const { ${parts.join(', ')} } = modules['${specifier}'];`
}
