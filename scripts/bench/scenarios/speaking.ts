import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Bridge } from '../bridge.ts'
import { type BridgeShape, startBridges } from '../bridges.ts'
import { addTroubles, noTroubles } from '../faults.ts'
import { drawFlameGraph } from '../flame/draw.ts'
import type { Generator } from '../generator.ts'
import type { Options } from '../options.ts'
import { brokenOff, emptyResult, figure, type Measured, type Result, speakingFigures, judge } from '../result.ts'
import type { Run } from './run.ts'
import { openSession, type Sounding } from '../session.ts'
import { createVoice } from '../sound.ts'
import type { Pace } from '../speech-service.ts'

export interface Step {
  readonly calls: number
  readonly chunkMs: number
  readonly pace: Pace
}

const frameMs = 20
const warmMs = { quick: 500, full: 2_000 }
const setUpAtOnce = 16

/** Calls that speak all the while: server and floor in turn, step by step. */
export async function speakInSteps(
  scenario: string,
  steps: readonly Step[],
  shape: BridgeShape,
  { generator, options, told }: Run,
): Promise<Result[]> {
  const bridges = await startBridges(generator, options, shape)
  const results: Result[] = []
  try {
    const [first] = steps
    const listening = shape.listening ?? false
    // Not told: what runs for the first time is slow, and costs the compiling.
    if (first && !options.quick)
      await speak(scenario, first, bridges, {
        generator,
        listening,
        options: { ...options, rounds: 1, profiles: undefined },
      })
    for (const step of steps) {
      const result = await speak(scenario, step, bridges, { generator, options, listening }).catch((thrown: unknown) =>
        brokenOff(emptyResult(scenario, nameOf(step), step.calls), thrown),
      )
      results.push(result)
      told(result)
      // Nobody knows what state the two are in.
      if (result.figures.length === 0) break
    }
  } finally {
    await bridges.stop()
  }
  if (new Set(steps.map(({ calls }) => calls)).size < 2) return results
  const limit = latencyLimit(scenario, results)
  told(limit)
  return [...results, limit]
}

async function speak(
  scenario: string,
  { calls, chunkMs, pace }: Step,
  bridges: { readonly server: Bridge; readonly floor: Bridge },
  { generator, options, listening }: { generator: Generator; options: Options; listening: boolean },
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
    ...emptyResult(scenario, nameOf({ calls, chunkMs, pace }), calls),
    figures: speakingFigures(calls, sides),
    ...judge(stretches),
    troubles,
    failed: listening ? unheardBy(sides) : [],
  }
}

function nameOf({ calls, chunkMs, pace }: Step): string {
  return `${calls} calls, chunks of ${chunkMs} ms, ${pace}`
}

/** Which bridges passed on nothing of what the phones said. */
function unheardBy(sides: Readonly<Record<Bridge['kind'], Measured>>): string[] {
  return (['server', 'floor'] as const)
    .filter((kind) => sides[kind].stretches.some(({ hearingDelays }) => hearingDelays.count === 0))
    .map((kind) => `the recognizer heard nothing through the ${kind}`)
}

async function loadOnce(generator: Generator, bridge: Bridge, calls: number, sounding: Sounding, options: Options) {
  const idle = await bridge.memory()
  const session = await openSession(generator, bridge, sounding, { calls, atOnce: setUpAtOnce })
  await pause(options.quick ? warmMs.quick : warmMs.full)
  // What setting up has left behind is collected first: it is not of the stretch.
  await session.memory()
  const profile = profileOf(options, bridge, calls)
  const stretch = await session.measure(() => pause(options.seconds * 1000), profile)
  const loaded = await session.memory()
  const wrong = await session.close()
  if (profile !== undefined)
    drawFlameGraph(profile, `${bridge.kind}, ${calls} calls, chunks of ${sounding.voice.chunkMs} ms`)
  const measured: Measured = {
    stretches: [stretch],
    callsPerSecond: [session.callsPerSecond],
    memories: [{ idle, loaded }],
  }
  return { measured, wrong }
}

/** From how many calls on the delay is more than a frame. A step that broke off tells none: what is wrong with a step is told here, too. */
export function latencyLimit(scenario: string, results: readonly Result[]): Result {
  const late = (side: 'server' | 'floor') =>
    results.find(({ figures }) => (figures.find(({ name }) => name === 'delay p99')?.[side] ?? 0) > frameMs)?.calls ??
    null
  return {
    ...emptyResult(scenario, 'all steps', 0),
    figures: [
      figure(`calls at which delay p99 passes ${frameMs} ms`, 'none: –', {
        server: late('server'),
        floor: late('floor'),
      }),
    ],
    void: results.flatMap((result) => result.void.map((reason) => `${result.calls} calls: ${reason}`)),
    failed: results.flatMap((result) => result.failed.map((reason) => `${result.calls} calls: ${reason}`)),
  }
}

let profiles = 0

function profileOf({ profiles: folder }: Options, { kind }: Bridge, calls: number): string | undefined {
  return folder === undefined ? undefined : join(folder, `${kind}-${calls}-calls-${++profiles}.cpuprofile`)
}

function together(rounds: readonly Measured[]): Measured {
  return {
    stretches: rounds.flatMap((round) => round.stretches),
    callsPerSecond: rounds.flatMap((round) => round.callsPerSecond),
    memories: rounds.flatMap((round) => round.memories),
  }
}
