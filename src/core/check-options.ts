/**
 * What each option must be: names of types or quoted values, separated by `|`; a `!` at the end marks
 * a required option. Numbers are never negative and strings never empty.
 */
export type OptionTypes = Readonly<Record<string, string>>

/**
 * Checks the options of a public function, and leaves out undefined ones: they mean the default.
 *
 * @param where the function's name, for the message.
 * @throws TypeError that names the option, what was expected and what was got.
 */
export function checkOptions<Options extends object>(where: string, options: Options, types: OptionTypes): Options {
  expectType(where, options, 'object')
  for (const name in { ...types, ...options }) {
    const type = types[name]
    const value = options[name as keyof Options]
    if (!type) throw new TypeError(`${where}: unknown option '${name}', expected ${keysOf(types)}`)
    if (value !== undefined || type.endsWith('!')) expectType(`${where}: option '${name}'`, value, type.replace('!', ''))
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options
}

/** Throws a TypeError unless the value is of one of the types, which are separated by `|`. */
export function expectType(what: string, value: unknown, types: string): void {
  const got = typeName(value)
  if (!types.split('|').some((type) => type === got || type === `'${value}'`)) {
    throw new TypeError(`${what}: expected ${types.replace(/\|/g, ' or ')}, got ${types.includes("'") ? value : got}`)
  }
}

/** What a value is, for a message. What a string says is left out: it may be a secret. */
export function typeName(value: unknown): string {
  if (typeof value === 'number') return value >= 0 ? 'number' : String(value)
  if (value === '') return 'empty string'
  return Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value
}

/** What an object holds, for a message; of anything else {@link typeName}. What it says is left out: it may be a secret. */
export function keysOf(value: unknown): string {
  const type = typeName(value)
  return type === 'object' ? Object.keys(value as object).join(', ') || 'nothing' : type
}
