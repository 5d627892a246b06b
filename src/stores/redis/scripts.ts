import { once } from '../shared/once.ts'
import type { Send } from './client.ts'
import { isReply } from './redis-error.ts'

/** A step that Redis takes as a whole, on one key. Answers 1 for done, 0 for not. */
type Script = (key: string, ...values: string[]) => Promise<boolean>

/** The steps that must be taken as a whole. */
export interface Scripts {
  /** expected version or '', new version, record, channel, message or ''. */
  write: Script
  /** owner, ms. */
  take: Script
  /** owner, ms. */
  renew: Script
  /** owner, channel, message. */
  release: Script
  /** member, time: the earlier of that time and the one that stands there. */
  expect: Script
  /** member, time that stands there, new time or '' for none. */
  move: Script
}

export function scriptsOf(send: Send): Scripts {
  return {
    write: script(WRITE),
    take: script(TAKE),
    renew: script(RENEW),
    release: script(RELEASE),
    expect: script(EXPECT),
    move: script(MOVE),
  }

  function script(source: string): Script {
    const sha = once(() => sha1(source))
    return async (key, ...values) => {
      const known = await sha()
      const rest = ['1', key, ...values]
      const answer = await send(['evalsha', known, ...rest], key).catch((error) => {
        // A server that was restarted has forgotten it.
        if (isReply(error, 'NOSCRIPT')) return send(['eval', source, ...rest], key)
        throw error
      })
      return Number(answer) === 1
    }
  }
}

/**
 * A client may send a command again whose answer was lost: the new version stands there then, and that is success.
 * Publishing may be forbidden to this user: the others find out by polling.
 */
const WRITE = `
local found = redis.call('get', KEYS[1])
local version = ''
if found then version = string.match(found, '^([%x-]+) ') end
if not version then return 0 end
if version == ARGV[2] then return 1 end
if version ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[2] .. ' ' .. ARGV[3])
if ARGV[5] ~= '' then redis.pcall('publish', ARGV[4], ARGV[5]) end
return 1`

const TAKE = `
local owner = redis.call('get', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
return 1`

const RENEW = `
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], ARGV[2])`

const RELEASE = `
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('del', KEYS[1])
redis.pcall('publish', ARGV[2], ARGV[3])
return 1`

const EXPECT = `
local at = redis.call('zscore', KEYS[1], ARGV[1])
if at and tonumber(at) <= tonumber(ARGV[2]) then return 0 end
redis.call('zadd', KEYS[1], ARGV[2], ARGV[1])
return 1`

const MOVE = `
local at = redis.call('zscore', KEYS[1], ARGV[1])
if not at or tonumber(at) ~= tonumber(ARGV[2]) then return 0 end
if ARGV[3] == '' then return redis.call('zrem', KEYS[1], ARGV[1]) end
redis.call('zadd', KEYS[1], ARGV[3], ARGV[1])
return 1`

/** By this name Redis knows a script. */
async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
