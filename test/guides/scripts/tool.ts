// A tool that refreshes once and ends: with its storage out of order for a moment. Run by processes.test.ts.
import { writeFile } from 'node:fs/promises'
import { createSession, oauth2 } from 'axios-renew'

const [, , tokenEndpoint = '', refreshToken, file = '', ending] = process.argv

let attempts = 0
const session = createSession({
  ...oauth2({ tokenEndpoint, clientId: 'client', clientSecret: 'secret' }),
  tokens: { accessToken: 'of yesterday', refreshToken, expiresAt: 1 },
  save: async (tokens) => {
    // The first is that of the seed.
    attempts++
    if (attempts === 2) throw new Error('the disk is full')
    await writeFile(file, JSON.stringify(tokens))
  },
})
session.on('save-failed', ({ attempt }) => console.log(`save-failed ${attempt}`))

await session.getTokens()
console.log('done')
if (ending === 'close') await session.close()
if (ending !== 'return') process.exit()
