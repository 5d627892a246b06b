import { readFileSync } from 'node:fs'
import ts from 'typescript'

/** The name that the blocks of the guides give their back end. */
const API = 'https://api.example.com'

/** A guide of docs/migrating, as readers find it. */
export class Guide {
  readonly text: string
  readonly #blocks: ReadonlyMap<string, string>

  /** @param edit changes the text, for variants that a guide speaks of. */
  constructor(
    readonly name: string,
    edit = (text: string) => text,
  ) {
    this.text = edit(readFileSync(new URL(`../../../docs/migrating/${name}.md`, import.meta.url), 'utf8'))
    const found = [...this.text.matchAll(/^```ts\n\/\/ (?<title>[^\n]*)\n(?<code>.*?)^```$/gms)]
    this.#blocks = new Map(found.map(({ groups }) => [`${groups?.title}`, `${groups?.code}`]))
    if (this.#blocks.size !== found.length) throw new Error(`two blocks of docs/migrating/${name}.md have the same first line`)
  }

  /** The first lines of its blocks, by which they are called. */
  get titles(): string[] {
    return [...this.#blocks.keys()]
  }

  /** A block, as it stands there. */
  block(title: string): string {
    const code = this.#blocks.get(title)
    if (code === undefined) throw new Error(`docs/migrating/${this.name}.md has no block '// ${title}'`)
    return code
  }
}

/** A block as JavaScript, with another back end. */
export function compiled(code: string, module: ts.ModuleKind, url: string): string {
  return ts.transpile(code, { module, target: ts.ScriptTarget.ES2022 }).replaceAll(API, url)
}
