import { randomName } from '../../stores/shared/random-name.ts'
import { expectSame, get, hold, put, type StoreCases, someRecord } from './scene.ts'

/** Names that a store might take for something else. An earlier run may have used them. */
const FIXED_NAMES = ['', '__proto__', 'constructor', 'toString', 'null', '0']

/** New names that a store might take for something else, or for each other. */
function awkwardNames(): string[] {
  const name = randomName()
  return [
    ...[name, `${name.toUpperCase()}A`, `${name.toUpperCase()}a`, `${name} `, ` ${name}`, `${name}\n`, `${name}\t`],
    ...[
      `lock:${name}`,
      `${name}:lock`,
      `lease:${name}`,
      `${name}:1`,
      `${name}:1:2`,
      `{${name}}`,
      `a{${name}}`,
      `${name}*`,
      `${name}?`,
      `[${name}]`,
    ],
    ...[`../${name}`, `/${name}`, `${name}/`, `${name}\\`, `C:${name}`, `%2e${name}`, `.${name}`, `${name}.json`, `${name}.lock`],
    ...[`${name}'`, `${name}"`, `${name};--`, `${name}%`, `${name}_`, `$${name}`, `#${name}`, `${name},`, `${name}|`],
    ...[`${name}🦆`, `${name}👩‍👩‍👧`, `${name}日本語`, `${name}e\u0301`, `${name}\u00e9`, `${name}ß`, `${name}ss`],
    ...[`${name}${'n'.repeat(488)}a`, `${name}${'n'.repeat(488)}b`],
  ]
}

/** An account may be called anything. */
export const naming: StoreCases = {
  'takes an account of any name for itself': async ({ store, other }) => {
    const names = [...FIXED_NAMES, ...awkwardNames()]
    const versions: string[] = []
    for (const [index, name] of names.entries()) {
      const before = await store.read(name)
      versions.push(await put(store, name, someRecord({ generation: index, lineage: name }), before?.version ?? null))
    }
    for (const [generation, name] of names.entries()) {
      const expected = { record: someRecord({ generation, lineage: name }), version: versions[generation] }
      expectSame(`read of ${JSON.stringify(name)}`, await other.read(name), expected)
    }
  },

  'has a lock for each account, whatever its name': async ({ store, other }) => {
    const names = awkwardNames()
    const holders: { release: () => Promise<void> }[] = []
    try {
      for (const name of [...FIXED_NAMES, ...names]) holders.push(await hold(store, name))
      for (const name of names) {
        await put(other, name, someRecord({ lineage: name }), null)
        expectSame(`read of ${JSON.stringify(name)} while it is locked`, (await get(store, name)).record.lineage, name)
      }
    } finally {
      await Promise.all(holders.map(({ release }) => release()))
    }
  },
}
