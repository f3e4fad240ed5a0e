import { setTimeout as pause } from 'node:timers/promises'
import type { Bridge } from '../bridge.ts'
import { startBridges } from '../bridges.ts'
import { addTroubles } from '../faults.ts'
import { spreadOf } from '../figures.ts'
import { emptyResult, figure, type Result, judge } from '../result.ts'
import { callOnce, openSession } from '../session.ts'
import { createVoice } from '../sound.ts'
import type { Run } from './run.ts'

const callsOf = { quick: 20, full: 100 }
const warmMs = { quick: 300, full: 1_000 }
const setUpAtOnce = 16
/** Half as many again: one half of those calls in, the other is to be placed through the API. To the floor all call in. */
const excessShare = 0.5

/** As many calls as are allowed, and then half as many again: those are refused, and these notice nothing. */
export async function overload(run: Run): Promise<Result[]> {
  const results: Result[] = []
  for (const calls of run.options.calls ?? [run.options.quick ? callsOf.quick : callsOf.full]) {
    const result = await overloaded(calls, run)
    run.told(result)
    results.push(result)
  }
  return results
}

async function overloaded(calls: number, { generator, options }: Run): Promise<Result> {
  const settings = { MAX_CALLS: String(calls), CALLS_PER_MINUTE: '100000', CALLS_PER_NUMBER_PER_HOUR: '100000' }
  const bridges = await startBridges(generator, options, { flow: 'speak', settings, floor: { mostCalls: calls } })
  const excess = Math.max(2, Math.round(calls * excessShare))

  const measure = async (bridge: Bridge) => {
    const sounding = { pace: options.pace, voice: createVoice(options.chunkMs) }
    const session = await openSession(generator, bridge, sounding, { calls, atOnce: setUpAtOnce })
    await pause(options.quick ? warmMs.quick : warmMs.full)
    // Two stretches: quickly, in the time of one.
    const measureMs = options.seconds * (options.quick ? 500 : 1_000)
    const before = await session.measure(() => pause(measureMs))
    let taken = 0
    const during = await session.measure(async () => {
      for (let call = 0; call < excess; call++) {
        const isPlaced = call % 2 === 1 && bridge.kind === 'server'
        if (await (isPlaced ? placeOnce(bridge) : callOnce(generator, bridge))) taken++
        await pause(measureMs / excess)
      }
    })
    return { before, during, taken, troubles: addTroubles(await session.close(), { misjudged: taken }) }
  }

  try {
    const floor = await measure(bridges.floor)
    const server = await measure(bridges.server)
    const row = (name: string, when: 'before' | 'during', share: 'p50' | 'p99' | 'p999') =>
      figure(`delay ${name}, ${when === 'before' ? 'before' : 'with the excess'}`, 'ms', {
        server: spreadOf(server[when].delays)[share],
        floor: spreadOf(floor[when].delays)[share],
      })
    return {
      ...emptyResult('overload', `${calls} calls are allowed, ${excess} more come`, calls),
      figures: [
        row('p50', 'before', 'p50'),
        row('p50', 'during', 'p50'),
        row('p99', 'before', 'p99'),
        row('p99', 'during', 'p99'),
        row('p99.9', 'before', 'p999'),
        row('p99.9', 'during', 'p999'),
        figure('refused', 'calls', { server: excess - server.taken, floor: excess - floor.taken }),
      ],
      ...judge([server.before, server.during, floor.before, floor.during]),
      troubles: addTroubles(server.troubles, floor.troubles),
    }
  } finally {
    await bridges.stop()
  }
}

/** A call placed through the API. @returns whether it was taken; anything but 503 counts as that */
async function placeOnce({ port }: Bridge): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ to: '+15552000000', message: 'Hello.' }),
  })
  await response.text()
  return response.status !== 503
}
