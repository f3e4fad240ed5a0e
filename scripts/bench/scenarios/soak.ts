import { setTimeout as pause } from 'node:timers/promises'
import type { Bridge } from '../bridge.ts'
import { startBridges } from '../bridges.ts'
import { addTroubles, noTroubles } from '../faults.ts'
import { rounded } from '../figures.ts'
import type { Memory } from '../probe-messages.ts'
import { emptyResult, figure, type Result, judge } from '../result.ts'
import { openSession, type Stretch } from '../session.ts'
import { createVoice } from '../sound.ts'
import type { Run } from './run.ts'

const callsOf = { quick: 20, full: 100 }
const loadsOf = { quick: 3, full: 8 }
const setUpAtOnce = 16
/** Sockets that are closed are looked after for a second or two. */
const settleMs = 3_000
const kilobyte = 1024
const warmMs = 2_000
/** Two of the texts that a call is given at a time: at its end as much waits to be said as at its beginning. */
const growthMs = 32_000
/** The record of each call is kept on purpose. */
const mostGrowthKb = 8

/** The same process loaded again and again: what it holds when all calls are over must not grow with each load. */
export async function soak(run: Run): Promise<Result[]> {
  const { options } = run
  const results: Result[] = []
  for (const calls of options.calls ?? [options.quick ? callsOf.quick : callsOf.full]) {
    const result = await loadAgain(calls, options.quick ? loadsOf.quick : loadsOf.full, run)
    run.told(result)
    results.push(result)
  }
  return results
}

async function loadAgain(calls: number, loads: number, { generator, options }: Run): Promise<Result> {
  const bridges = await startBridges(generator, options, { flow: 'speak' })
  const sounding = { pace: options.pace, voice: createVoice(options.chunkMs) }
  const held: Record<Bridge['kind'], Memory[]> = { server: [], floor: [] }
  const growing: Record<Bridge['kind'], number | null> = { server: null, floor: null }
  const stretches: Stretch[] = []
  let troubles = noTroubles()

  const load = async (bridge: Bridge, isLast: boolean) => {
    const session = await openSession(generator, bridge, sounding, { calls, atOnce: setUpAtOnce })
    if (isLast && !options.quick) {
      await pause(warmMs)
      const before = await session.memory()
      stretches.push(await session.measure(() => pause(growthMs)))
      const bytes = bytesOf(await session.memory()) - bytesOf(before)
      growing[bridge.kind] = rounded((bytes * 1000) / growthMs / calls / kilobyte)
    } else stretches.push(await session.measure(() => pause(options.seconds * 1000)))
    troubles = addTroubles(troubles, await session.close())
  }

  try {
    for (let count = 1; count <= loads; count++) {
      await load(bridges.floor, count === loads)
      await load(bridges.server, count === loads)
      await pause(settleMs)
      for (const kind of ['floor', 'server'] as const) held[kind].push(await bridges[kind].memory())
    }
  } finally {
    await bridges.stop()
  }
  const megabytes = (name: string, index: number, of: (memory: Memory) => number) => {
    const side = (kind: Bridge['kind']) => held[kind].slice(index, index + 1).map(of)[0] ?? Number.NaN
    const shown = (kind: Bridge['kind']) => rounded(side(kind) / kilobyte / kilobyte)
    return figure(`${name} after load ${index + 1}`, 'MB', { server: shown('server'), floor: shown('floor') })
  }
  const growthKb = (kind: Bridge['kind']) => rounded(usualGrowth(held[kind].map(bytesOf)) / calls / kilobyte)
  const stays = growthKb('server') ?? 0
  return {
    ...emptyResult('soak', `${calls} calls, ${loads} times`, calls),
    figures: [
      ...held.server.flatMap((_, index) => [
        megabytes('heap and buffers', index, bytesOf),
        megabytes('resident', index, ({ rssBytes }) => rssBytes),
      ]),
      figure('growth per call made, from load to load', 'KB', { server: growthKb('server'), floor: growthKb('floor') }),
      ...(options.quick ? [] : [figure('growth per call that speaks on', 'KB/s', growing)]),
    ],
    ...judge(stretches),
    troubles,
    failed: stays > mostGrowthKb ? [`${stays} KB stay for each call (at most ${mostGrowthKb})`] : [],
  }
}

function bytesOf({ heapBytes, externalBytes }: Memory): number {
  return heapBytes + externalBytes
}

/**
 * From one load to the next, the median: the first load is where code is compiled and buffers find their size, and once in a
 * while the engine throws away code that it has not used for long.
 */
export function usualGrowth(held: readonly number[]): number {
  const growths = held.slice(2).map((bytes, index) => bytes - (held[index + 1] ?? 0))
  const [middle = 0] = growths.toSorted((one, other) => one - other).slice(Math.floor(growths.length / 2))
  return middle
}
