import process from 'node:process'
import type { Clock, Timer } from './clock.ts'

const lookEveryMs = 1000

/**
 * Whoever ends npm ends only the shell between npm and us: it dies of the signal and passes nothing on, and we would run
 * on with nobody watching. So a process that npm started looks whether its parent is still the same, and when it is
 * not, signals itself SIGHUP, as it would get from a terminal that closes. Does nothing where npm is not involved.
 *
 * @returns the timer; while it runs the process does not end by itself
 */
export function endWithParent(clock: Clock): Timer {
  const parent = process.ppid
  let timer: Timer | undefined
  const look = () => {
    if (process.ppid === parent) timer = clock.after(lookEveryMs, look)
    else process.kill(process.pid, 'SIGHUP')
  }
  if (process.env['npm_lifecycle_event'] !== undefined) look()
  return { cancel: () => timer?.cancel() }
}
