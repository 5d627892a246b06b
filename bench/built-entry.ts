import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** An entry of the library as it is built: under tsx the sources would be another program, with every closure named. */
export async function builtEntry<Entry>(name: string): Promise<Entry> {
  return import(pathToFileURL(resolve(`dist/${name}.mjs`)).href)
}
