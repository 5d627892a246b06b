import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, requireProgram } from './own-port.ts'

/** A redis-server of one's own, on a free port; it keeps nothing on disk. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  /** Kills it: what it held is gone. */
  kill(): Promise<void>
  /** Kills it if it runs, and starts it on the same port, empty. */
  restart(): Promise<void>
  /** It holds its connections and answers nothing, as over a network that is cut. */
  pause(): void
  resume(): void
  /** Sends one command on a connection of its own; the answer as it comes over the wire. */
  tell(...command: string[]): Promise<string>
  /** Kills it and removes its folder. */
  stop(): Promise<void>
}

/** For `describe.skipIf`. */
export const noRedis = requireProgram('redis') === undefined

/** @param settings of redis-server, say `{ 'cluster-enabled': 'yes' }`. */
export async function startRedis(settings: Record<string, string> = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'axios-renew-redis-'))
  const port = await freePort()
  const options = { bind: '127.0.0.1', port: String(port), save: '', appendonly: 'no', dir: folder, ...settings }
  let child: ChildProcess | undefined
  const removeFolder = () => rmSync(folder, { recursive: true, force: true })
  const atExit = () => {
    child?.kill('SIGKILL')
    removeFolder()
  }

  async function start(): Promise<void> {
    child = spawn(
      requireProgram('redis') ?? '',
      Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
      { stdio: 'ignore' },
    )
    for (let tries = 0; tries < 200; tries++) {
      if ((await tell('ping').catch(() => '')).includes('PONG')) return
      await sleep(25)
    }
    throw new Error('redis-server does not answer')
  }

  async function kill(): Promise<void> {
    const running = child
    child = undefined
    if (!running || running.exitCode !== null) return
    running.kill('SIGKILL')
    await once(running, 'exit')
  }

  async function tell(...command: string[]): Promise<string> {
    const socket = connect(port, '127.0.0.1')
    try {
      socket.write(`*${command.length}\r\n${command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`)
      const [data] = await once(socket, 'data')
      return String(data)
    } finally {
      socket.destroy()
    }
  }

  process.once('exit', atExit)
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    tell,
    kill,
    restart: async () => {
      await kill()
      await start()
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    stop: async () => {
      await kill()
      process.off('exit', atExit)
      removeFolder()
    },
  }
}
