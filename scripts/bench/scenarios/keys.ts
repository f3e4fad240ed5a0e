import { setTimeout as pause } from 'node:timers/promises'
import type { Bridge } from '../bridge.ts'
import { startBridges } from '../bridges.ts'
import { addTroubles } from '../faults.ts'
import { spreadOf } from '../figures.ts'
import { emptyResult, judge, quantileFigures, type Result } from '../result.ts'
import { openSession } from '../session.ts'
import { createVoice } from '../sound.ts'
import type { Run } from './run.ts'

const callsOf = { quick: 20, full: 100 }
const keysOf = { quick: 2, full: 5 }
/** From one key of a phone to its next; those of all phones are spread over it. */
const betweenMs = { quick: 1_000, full: 2_000 }
const setUpAtOnce = 16

/** From a key, pressed while something is being said, to the `clear` that silences it. */
export async function keysPressed(run: Run): Promise<Result[]> {
  const { generator, options } = run
  const keys = options.quick ? keysOf.quick : keysOf.full
  const betweenKeysMs = options.quick ? betweenMs.quick : betweenMs.full
  const bridges = await startBridges(generator, options, { flow: 'silence' })
  const sounding = { pace: 'paced', voice: createVoice(options.chunkMs) } as const

  const measure = async (bridge: Bridge, calls: number) => {
    const session = await openSession(generator, bridge, sounding, { calls, atOnce: setUpAtOnce })
    const stretch = await session.measure(async () => {
      for (let key = 0; key < keys; key++)
        for (const phone of session.phones) {
          phone.press('1')
          await pause(betweenKeysMs / calls)
        }
      await pause(betweenKeysMs / 4)
    })
    return { stretch, spread: spreadOf(stretch.silencings), troubles: await session.close() }
  }

  try {
    const results: Result[] = []
    for (const calls of options.calls ?? [options.quick ? callsOf.quick : callsOf.full]) {
      const floor = await measure(bridges.floor, calls)
      const server = await measure(bridges.server, calls)
      // A key that is pressed before the first sound of what is said next has nothing to clear.
      const tooFew = (side: Bridge['kind'], { spread }: typeof server) =>
        spread.count >= (calls * keys) / 2
          ? []
          : [`only ${spread.count} of ${calls * keys} keys silenced something through the ${side}`]
      const result: Result = {
        ...emptyResult('keys', `${calls} calls, ${keys} keys each`, calls),
        figures: quantileFigures('key to clear', { server: server.spread, floor: floor.spread }),
        ...judge([server.stretch, floor.stretch]),
        troubles: addTroubles(server.troubles, floor.troubles),
        failed: [...tooFew('server', server), ...tooFew('floor', floor)],
      }
      results.push(result)
      run.told(result)
    }
    return results
  } finally {
    await bridges.stop()
  }
}
