import { setTimeout as pause } from 'node:timers/promises'
import type { Bridge } from '../bridge.ts'
import { type BridgeShape, startBridges } from '../bridges.ts'
import { addTroubles, noTroubles } from '../faults.ts'
import type { Generator } from '../generator.ts'
import type { Options } from '../options.ts'
import { type Measured, type Result, speakingFigures, voidOf } from '../result.ts'
import { openSession, type Sounding } from '../session.ts'
import { createVoice } from '../sound.ts'
import type { Pace } from '../speech-service.ts'

export interface Step {
  readonly calls: number
  readonly chunkMs: number
  readonly pace: Pace
}

const warmMs = { quick: 500, full: 2_000 }
const setUpAtOnce = 16

/** Calls that speak all the while: server and floor in turn, step by step. */
export async function speakInSteps(
  scenario: string,
  steps: readonly Step[],
  shape: BridgeShape,
  { generator, options, told }: { generator: Generator; options: Options; told: (result: Result) => void },
): Promise<Result[]> {
  const bridges = await startBridges(generator, options, shape)
  const results: Result[] = []
  try {
    for (const step of steps) {
      const result = await speak(scenario, step, bridges, { generator, options })
      results.push(result)
      told(result)
    }
  } finally {
    await bridges.stop()
  }
  return results
}

async function speak(
  scenario: string,
  { calls, chunkMs, pace }: Step,
  bridges: { readonly server: Bridge; readonly floor: Bridge },
  { generator, options }: { generator: Generator; options: Options },
): Promise<Result> {
  const sounding = { pace, voice: createVoice(chunkMs) }
  const floor: Measured[] = []
  const server: Measured[] = []
  let troubles = noTroubles()
  const loaded = async (bridge: Bridge) => {
    const { measured, wrong } = await loadOnce(generator, bridge, calls, sounding, options)
    troubles = addTroubles(troubles, wrong)
    return measured
  }
  for (let round = 0; round < options.rounds; round++) {
    floor.push(await loaded(bridges.floor))
    server.push(await loaded(bridges.server))
  }
  const sides = { server: together(server), floor: together(floor) }
  const stretches = [...sides.server.stretches, ...sides.floor.stretches]
  return {
    scenario,
    step: `${calls} calls, chunks of ${chunkMs} ms, ${pace}`,
    calls,
    figures: speakingFigures(calls, sides),
    void: voidOf(stretches),
    troubles,
  }
}

async function loadOnce(generator: Generator, bridge: Bridge, calls: number, sounding: Sounding, options: Options) {
  const idle = await bridge.memory()
  const session = await openSession(generator, bridge, sounding, { calls, atOnce: setUpAtOnce })
  await pause(options.quick ? warmMs.quick : warmMs.full)
  const stretch = await session.measure(pause(options.seconds * 1000))
  const loaded = await session.memory()
  const wrong = await session.close()
  const measured: Measured = { stretches: [stretch], callsPerSecond: [session.callsPerSecond], idle, loaded }
  return { measured, wrong }
}

function together(rounds: readonly Measured[]): Measured {
  const last = rounds.at(-1)
  return {
    stretches: rounds.flatMap((round) => round.stretches),
    callsPerSecond: rounds.flatMap((round) => round.callsPerSecond),
    idle: last?.idle,
    loaded: last?.loaded,
  }
}
