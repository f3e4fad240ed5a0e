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
const warmMs = 1_000
const setUpAtOnce = 16
/** Half as many again: one half of those calls in, the other is to be placed through the API. */
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
  const bridges = await startBridges(generator, options, { flow: 'speak', settings })
  try {
    const { server } = bridges
    const sounding = { pace: options.pace, voice: createVoice(options.chunkMs) }
    const session = await openSession(generator, server, sounding, { calls, atOnce: setUpAtOnce })
    await pause(warmMs)
    const measureMs = options.seconds * 1000
    const before = await session.measure(() => pause(measureMs))
    const excess = Math.max(2, Math.round(calls * excessShare))
    let taken = 0
    const during = await session.measure(async () => {
      for (let call = 0; call < excess; call++) {
        if (await (call % 2 === 0 ? callOnce(generator, server) : placeOnce(server))) taken++
        await pause(measureMs / excess)
      }
    })
    const spreads = { before: spreadOf(before.delays), during: spreadOf(during.delays) }
    const row = (when: 'before' | 'during', share: 'p50' | 'p99' | 'p999', name: string) =>
      figure(`delay ${name}, ${when === 'before' ? 'before' : 'with the excess'}`, 'ms', {
        server: spreads[when][share],
        floor: null,
      })
    return {
      ...emptyResult('overload', `${calls} calls are allowed, ${excess} more come`, calls),
      figures: [
        row('before', 'p50', 'p50'),
        row('during', 'p50', 'p50'),
        row('before', 'p99', 'p99'),
        row('during', 'p99', 'p99'),
        figure('refused', 'calls', { server: excess - taken, floor: null }),
      ],
      ...judge([before, during]),
      troubles: addTroubles(await session.close(), { misjudged: taken }),
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
