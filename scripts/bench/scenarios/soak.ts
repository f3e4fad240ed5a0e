import { setTimeout as pause } from 'node:timers/promises'
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
  const held: Memory[] = []
  const stretches: Stretch[] = []
  let troubles = noTroubles()
  try {
    for (let load = 0; load < loads; load++) {
      const session = await openSession(generator, bridges.server, sounding, { calls, atOnce: setUpAtOnce })
      stretches.push(await session.measure(() => pause(options.seconds * 1000)))
      troubles = addTroubles(troubles, await session.close())
      await pause(settleMs)
      held.push(await bridges.server.memory())
    }
  } finally {
    await bridges.stop()
  }
  const growthKb = rounded(
    usualGrowth(held.map(({ heapBytes, externalBytes }) => heapBytes + externalBytes)) / calls / kilobyte,
  )
  return {
    ...emptyResult('soak', `${calls} calls, ${loads} times`, calls),
    figures: [
      ...held.flatMap(({ heapBytes, externalBytes, rssBytes }, load) => [
        megabytes(`heap and buffers after load ${load + 1}`, heapBytes + externalBytes),
        megabytes(`resident after load ${load + 1}`, rssBytes),
      ]),
      figure('growth per call made, from load to load', 'KB', { server: growthKb, floor: null }),
    ],
    ...judge(stretches),
    troubles,
    failed: (growthKb ?? 0) > mostGrowthKb ? [`${growthKb} KB stay for each call (at most ${mostGrowthKb})`] : [],
  }
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

function megabytes(name: string, bytes: number) {
  return figure(name, 'MB', { server: rounded(bytes / kilobyte / kilobyte), floor: null })
}
