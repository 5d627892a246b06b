// Makes the tables, with each deployment: DATABASE_URL=postgres://... npx tsx set-up.ts
import { readConfig } from './config.ts'
import { openMarket } from './market.ts'

const market = openMarket(readConfig())
await market.setUp()
await market.close()
