import { redisStore } from '../../../src/redis.ts'
import { type Library, libraries } from './support.ts'

/** A process that closes its client and forgets that it watches. */
const [library, port] = process.argv.slice(2)
const { client, close } = await libraries[library as Library](Number(port))
await new Promise<void>((resolve) => redisStore(client).watch('somebody', resolve))
close()
process.stdout.write('closed while watching\n')
