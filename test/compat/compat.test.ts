import { readFileSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import type { Cell, Comparison } from './comparison.ts'
import { axiosAuthRefresh, axiosAuthRefreshUndeduplicated } from './libraries/axios-auth-refresh.ts'
import { axiosAuthRefreshQueue } from './libraries/axios-auth-refresh-queue.ts'
import { axiosJwt } from './libraries/axios-jwt.ts'
import { axiosRenew } from './libraries/axios-renew.ts'
import type { Library } from './libraries/library.ts'
import { scenarios } from './scenarios/all.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { comparisonTable, withTable } from './table.ts'

const FILE = new URL('./facts.json', import.meta.url)
const README = new URL('../../README.md', import.meta.url)
/** Writes what was seen to facts.json and into the README. */
const UPDATE = process.env.UPDATE_FACTS === '1'

const peers = [axiosAuthRefresh, axiosAuthRefreshUndeduplicated, axiosAuthRefreshQueue, axiosJwt]
const libraries = [axiosRenew, ...peers]
const seen = new Map<string, Cell>()

async function look(scenario: Scenario, library: Library): Promise<Cell> {
  const facts = await scenario.observe(library)
  const blind = scenario.about401 && library.refreshesOn !== '401'
  const cell = { right: isDeepStrictEqual(facts, scenario.right), says: blind ? 'no 401 handling' : scenario.tell(facts), facts }
  seen.set(`${scenario.id} ${library.id}`, cell)
  return cell
}

function comparison(): Comparison {
  return {
    versions: Object.fromEntries(libraries.map(({ id, version }) => [id, version])),
    rows: scenarios.map(({ id, title }) => ({
      id,
      title,
      cells: Object.fromEntries(libraries.flatMap((library) => entry(library.id, seen.get(`${id} ${library.id}`)))),
    })),
  }
}

function entry(id: string, cell: Cell | undefined): [string, Cell][] {
  return cell ? [[id, cell]] : []
}

// One library takes a lock where the platform has one (Node 24): everywhere it shall take the same path.
beforeAll(() => {
  vi.stubGlobal('navigator', undefined)
})

afterAll(() => {
  vi.unstubAllGlobals()
  if (!UPDATE) return
  writeFileSync(FILE, `${JSON.stringify(comparison(), undefined, 2)}\n`)
  writeFileSync(README, withTable(readFileSync(README, 'utf8'), comparisonTable(comparison())))
})

for (const scenario of scenarios) {
  describe(scenario.title, () => {
    it.concurrent('axios-renew does it right', async ({ expect }) => {
      const { facts } = await look(scenario, axiosRenew)
      expect(facts).toEqual(scenario.right)
    })

    for (const peer of peers) {
      const right = scenario.alsoRight?.includes(peer.id) === true
      it.concurrent(`${peer.id} ${peer.version} does it ${right ? 'right' : 'wrong'}`, async ({ expect }) => {
        const cell = await look(scenario, peer)
        expect(cell.right, cell.says).toBe(right)
      })
    }
  })
}

describe('the comparison', () => {
  it.skipIf(UPDATE)('in facts.json is what was seen', ({ expect, skip }) => {
    skip(seen.size < scenarios.length * libraries.length, 'not every scenario has run')
    expect(comparison()).toEqual(JSON.parse(readFileSync(FILE, 'utf8')))
  })

  it.skipIf(UPDATE)('in the README is what facts.json says', ({ expect }) => {
    expect(readFileSync(README, 'utf8')).toContain(comparisonTable(JSON.parse(readFileSync(FILE, 'utf8'))))
  })
})
