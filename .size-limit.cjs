/** What an app brings itself, or what `npm ls` shows anyway: the bars are about our own code. */
const ignore = ['axios', 'axios-retry', 'async-mutex']

/** Our tsconfig.json maps `#platform` to the sources for Node; a browser app resolves it by package.json. */
const modifyEsbuildConfig = (config) => ({ ...config, tsconfigRaw: '{}' })

const shared = { gzip: true, ignore, modifyEsbuildConfig }

module.exports = [
  { ...shared, name: 'axios-renew: attach, createSession', path: 'dist/index.mjs', import: '{ attach, createSession }', limit: '15.9 kB' },
  { ...shared, name: 'axios-renew/fetch: createSession', path: 'dist/fetch.mjs', import: '{ createSession }', limit: '11.7 kB' },
]
