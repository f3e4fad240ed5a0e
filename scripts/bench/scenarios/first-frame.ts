import { setTimeout as pause } from 'node:timers/promises'
import type { Bridge } from '../bridge.ts'
import { type FloorShape, startBridges } from '../bridges.ts'
import { addTroubles } from '../faults.ts'
import { createSamples, quantile, spreadOf } from '../figures.ts'
import { emptyResult, judge, quantileFigures, type Result } from '../result.ts'
import { openSession, type SetUp } from '../session.ts'
import { createVoice } from '../sound.ts'
import type { Pace } from '../speech-service.ts'
import type { Run } from './run.ts'

const callsOf = { quick: 40, full: 200 }
const chunkMs = 100
const everyMs = 20
const atOnce = 100
const ringMs = 500
const settleMs = 300
const sentences = 6
const greeting = Array.from(
  { length: sentences },
  (_, index) => `This is sentence ${index + 1} of a greeting that somebody who calls is going to hear.`,
).join(' ')

interface Kind {
  readonly name: string
  readonly settings: Readonly<Record<string, string>>
  readonly setUp: Omit<SetUp, 'calls'>
  readonly pace: Pace
  readonly floor?: FloorShape
}

/** The service answers at once: what is left is the bridge's own, and a connection where it has to be made first. */
const kinds: readonly Kind[] = [
  {
    name: 'cold: connected at start',
    settings: {},
    setUp: { atOnce, everyMs },
    pace: 'burst',
  },
  {
    name: 'warm: connected while it rings',
    settings: {},
    setUp: { atOnce, everyMs, ringMs },
    pace: 'burst',
    floor: { early: 'connected' },
  },
  {
    name: 'pre-rendered while it rings',
    settings: { PRESYNTHESIZE: 'on' },
    setUp: { atOnce, everyMs, ringMs },
    pace: 'instant',
    floor: { early: 'rendered', sentences },
  },
]

/** From `start` to the first sound, one call after the other, while all that were begun before speak. */
export async function firstFrames(run: Run): Promise<Result[]> {
  const { options } = run
  const results: Result[] = []
  for (const calls of options.calls ?? [options.quick ? callsOf.quick : callsOf.full])
    for (const kind of kinds) {
      const result = await measureKind(kind, calls, run)
      run.told(result)
      results.push(result)
    }
  return results
}

async function measureKind(kind: Kind, calls: number, { generator, options }: Run): Promise<Result> {
  const bridges = await startBridges(generator, options, {
    settings: { GREETING: greeting, ...kind.settings },
    ...(kind.floor ? { floor: kind.floor } : {}),
  })
  const measure = async (bridge: Bridge) => {
    const end = generator.measure()
    const session = await openSession(
      generator,
      bridge,
      { pace: kind.pace, voice: createVoice(chunkMs) },
      { ...kind.setUp, calls },
    )
    await pause(settleMs)
    const { late, ...load } = end()
    const samples = createSamples()
    for (const { firstFrameMs } of session.phones) if (firstFrameMs !== undefined) samples.add(firstFrameMs)
    const lateP99Ms = quantile(late.sorted(), 0.99)
    return { spread: spreadOf(samples), generator: { ...load, lateP99Ms }, troubles: await session.close() }
  }
  try {
    const floor = await measure(bridges.floor)
    const server = await measure(bridges.server)
    const deaf = (side: Bridge['kind'], { spread }: typeof server) =>
      spread.count === calls ? [] : [`only ${spread.count} of ${calls} calls heard anything through the ${side}`]
    return {
      ...emptyResult('first frame', `${calls} calls, ${kind.name}`, calls),
      figures: quantileFigures('start to first frame', { server: server.spread, floor: floor.spread }),
      ...judge([server, floor]),
      troubles: addTroubles(server.troubles, floor.troubles),
      failed: [...deaf('server', server), ...deaf('floor', floor)],
    }
  } finally {
    await bridges.stop()
  }
}
