import { execFileSync } from 'node:child_process'

/** All processes of the browser that keeps its storage in this folder; the outermost first. */
export function processesOf(profile: string): number[] {
  const all = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^ *(\d+) +(\d+) (.*)/.exec(line) ?? [])
    .map(([, id, parent, args = '']) => ({ id: Number(id), parent: Number(parent), args }))
  const mine = all.filter(({ args }) => args.includes(profile)).map(({ id }) => id)
  const family = new Set(mine)
  // Not all of them name the folder, but all descend from one that does.
  for (let known = 0; known < family.size; ) {
    known = family.size
    for (const { id, parent } of all) if (family.has(parent)) family.add(id)
  }
  const root = all.find(({ id, parent }) => mine.includes(id) && !family.has(parent))
  if (!root) throw new Error('the browser has no process')
  family.delete(root.id)
  return [root.id, ...family]
}

/** Stops a browser as a laptop does that is closed; gives what wakes it up. */
export function putToSleep(profile: string): () => void {
  const processes = processesOf(profile)
  const signal = (name: NodeJS.Signals) => {
    for (const id of processes) {
      try {
        process.kill(id, name)
      } catch {
        // It has ended by itself.
      }
    }
  }
  signal('SIGSTOP')
  return () => signal('SIGCONT')
}
