import { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'
import axios from 'axios'
import * as axiosAuthRefresh from 'axios-auth-refresh'
import * as axiosAuthRefreshQueue from 'axios-auth-refresh-queue'
import * as library from 'axios-renew'
import { memoryStore, type TokenStore } from 'axios-renew'
import * as testing from 'axios-renew/testing'
import ts from 'typescript'
import { vi } from 'vitest'
import type { BackEnd } from './back-end.ts'
import { compiled, type Guide } from './guide.ts'
import { StoredItems } from './stored-items.ts'

/** What the blocks of the guides export. */
export interface AppModule {
  api: import('axios').AxiosInstance
  session: import('axios-renew').Session
  signIn(user: string, password: string): Promise<void>
  signOut(): Promise<void>
}

/** A browser, as far as the blocks of the guides look at it: its tabs share what is stored. */
export class Browser {
  readonly #stored = new StoredItems()
  /** `webStore` needs a real one: test/migrating/tabs.test.ts. */
  readonly #stores = new Map<string, TokenStore>()
  /** Where the pages have gone to. */
  readonly visited: string[] = []

  /** Where the next tab is opened. */
  path = '/'

  constructor(readonly backEnd: BackEnd) {}

  /** What localStorage holds. */
  get items(): Map<string, string> {
    return this.#stored.items
  }

  /**
   * Opens a tab that runs blocks of a guide, as a reader would paste them into a file.
   *
   * @param own what the file has besides, by name.
   */
  async open(guide: Guide, titles: string | string[], own: object = {}): Promise<AppModule> {
    const page: Record<string, unknown> = {
      ...this.#stored.openTab(),
      location: { pathname: this.path, assign: (path: string) => void this.visited.push(path) },
      ...own,
    }
    const modules = this.#modules()
    const code = [titles].flat().map((title) => guide.block(title))
    const exports = {}
    const body = compiled(code.join('\n'), ts.ModuleKind.CommonJS, this.backEnd.url)
    const run = compileFunction(`return (async () => {${body}\n})()`, ['exports', 'require', ...Object.keys(page)])
    // One library looks for the window, once.
    vi.stubGlobal('window', page)
    try {
      await run(exports, (name: string) => modules[name as keyof typeof modules], ...Object.values(page))
    } finally {
      vi.unstubAllGlobals()
    }
    return exports as AppModule
  }

  #modules() {
    const webStore = (name = 'axios-renew') => {
      const store = this.#stores.get(name) ?? memoryStore()
      this.#stores.set(name, store)
      return store
    }
    return {
      axios: { __esModule: true, default: axios, isAxiosError: axios.isAxiosError },
      'axios-auth-refresh': axiosAuthRefresh,
      'axios-auth-refresh-queue': axiosAuthRefreshQueue,
      'axios-jwt': freshAxiosJwt(),
      'axios-renew': library,
      'axios-renew/browser': { webStore },
      'axios-renew/testing': testing,
    }
  }
}

/** It keeps its state at module level, as a page has it: each tab has a copy of its own. */
function freshAxiosJwt(): typeof import('axios-jwt') {
  const require = createRequire(import.meta.url)
  for (const path of Object.keys(require.cache)) if (path.includes('/axios-jwt/')) delete require.cache[path]
  return require('axios-jwt')
}
