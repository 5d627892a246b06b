import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright'
import { onTestFinished } from 'vitest'

/** What Playwright gives a browser keeps all tabs awake; this one is started without it, as a user starts theirs. */
const ARGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--remote-debugging-port=0']

/** From when on hidden tabs are slowed down in earnest: not after 5 minutes. */
const SOON = '--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1'

/** Starts a Chromium whose tabs are hidden, and slowed down, while another tab is in front. It ends with the test. */
export async function startBackgroundBrowser(executablePath: string, profile: string, args: string[]): Promise<BrowserContext> {
  const child = spawn(executablePath, [...ARGS, SOON, `--user-data-dir=${profile}`, ...args, 'about:blank'], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${await portOf(profile)}`, { noDefaults: true })
  onTestFinished(() => browser.close())
  const [context] = browser.contexts()
  if (!context) throw new Error('expected the browser to have a window')
  return context
}

/** It is written down when the browser can be reached. */
async function portOf(profile: string): Promise<string> {
  for (let attempt = 1; attempt <= 200; attempt++) {
    const [port] = (await readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => '')).split('\n')
    if (port) return port
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('the browser has not started')
}
