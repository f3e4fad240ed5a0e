import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { BridgeError } from '../../src/errors.ts'

/** Cores of their own, so that generator and bridge do not push each other around. */
export interface Cores {
  readonly generator: number
  readonly bridge: number
}

/**
 * Puts this process on one core, for good, and says which one is left to the bridge.
 *
 * @throws BridgeError `usage.invalid` where that cannot be done
 */
export function pinGenerator(): Cores {
  const cores = process.platform === 'linux' ? allowedCores() : undefined
  if (!cores) throw cannot('Linux, and two cores that we may use')
  const words = ['--all-tasks', '--cpu-list', '--pid', String(cores.generator), String(process.pid)]
  if (spawnSync('taskset', words).status !== 0) throw cannot('the command taskset (util-linux)')
  return cores
}

/** Not two threads of one core, where there is a choice. */
function allowedCores(): Cores | undefined {
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  const [generator, ...others] = coresIn(allowed)
  if (generator === undefined) return undefined
  const beside = new Set(coresIn(threadsOf(generator)))
  const bridge = others.find((core) => !beside.has(core)) ?? others[0]
  return bridge === undefined ? undefined : { generator, bridge }
}

function threadsOf(core: number): string {
  try {
    return readFileSync(`/sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`, 'utf8').trim()
  } catch {
    return ''
  }
}

/** `0-2,5`, as the kernel writes lists of cores. Pure. */
export function coresIn(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    if (first === undefined) return []
    return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index)
  })
}

function cannot(needed: string): BridgeError {
  return new BridgeError('usage.invalid', `--pin: expected ${needed}. Leave it out.`)
}
