import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import { findProgram } from './scripts/requirements.mjs'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** Tests run on the sources, under the names by which users import them. */
const sources = {
  'axios-renew/browser': path('./src/browser.ts'),
  'axios-renew/encryption': path('./src/encryption.ts'),
  'axios-renew/fetch': path('./src/fetch.ts'),
  'axios-renew/file': path('./src/file.ts'),
  'axios-renew/opentelemetry': path('./src/opentelemetry.ts'),
  'axios-renew/postgres': path('./src/postgres.ts'),
  'axios-renew/providers': path('./src/providers.ts'),
  'axios-renew/redis': path('./src/redis.ts'),
  'axios-renew/testing': path('./src/testing.ts'),
  'axios-renew': path('./src/index.ts'),
}
const inNode = { ...sources, '#platform': path('./src/platform/platform.node.ts') }
const inBrowser = { ...sources, '#platform': path('./src/platform/platform.ts') }

const chromium = findProgram('chromium')
if (!chromium && process.env.CI) throw new Error('No Chromium: `node scripts/prepare-tests.mjs` installs it or says how')
if (!chromium) console.warn('!!! No Chromium: the tests in a real browser (project "chromium") are left out')

export default defineConfig({
  test: {
    // On two cores, too: many tests wait for other processes, or for real time to pass.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        resolve: { alias: inNode },
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/package/**', 'test/examples/**'],
          setupFiles: ['test/support/listen-for-canaries.ts'],
          testTimeout: 20_000,
          // Servers start there.
          hookTimeout: 60_000,
        },
      },
      {
        resolve: { alias: { ...inNode, axios: 'axios-oldest' } },
        test: {
          name: 'oldest axios',
          include: ['test/clients/**/*.test.ts', 'test/truth/**/*.test.ts'],
          // Nothing there knows axios.
          exclude: ['test/clients/fetch/**'],
          setupFiles: ['test/support/listen-for-canaries.ts'],
          testTimeout: 20_000,
          // Servers start there.
          hookTimeout: 60_000,
        },
      },
      ...(chromium ? [inChromium(chromium)] : []),
      {
        resolve: { alias: inNode },
        test: {
          name: 'examples',
          include: ['test/examples/**/*.test.ts', 'examples/**/*.test.ts'],
          setupFiles: ['test/support/listen-for-canaries.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: ['test/package/pack.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
})

function inChromium(executablePath: string): TestProjectInlineConfiguration {
  return {
    resolve: { alias: inBrowser },
    test: {
      name: 'chromium',
      include: ['test/browser/**/*.test.ts'],
      globalSetup: ['test/browser/global-setup.ts'],
      testTimeout: 20_000,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({
          launchOptions: {
            executablePath,
            args: [
              '--no-sandbox',
              '--disable-gpu',
              '--disable-quic',
              '--no-first-run',
              '--disable-background-networking',
              '--disable-component-update',
              '--disable-sync',
            ],
          },
        }),
        instances: [{ browser: 'chromium' }],
      },
    },
  }
}
