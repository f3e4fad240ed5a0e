import { noTroubles, type Troubles } from './faults.ts'
import { addCosts, ratio, rounded, type Spread, spreadOf, voidReasons } from './figures.ts'
import type { GeneratorLoad } from './generator.ts'
import type { Memory } from './probe-messages.ts'
import type { Stretch } from './session.ts'

/** One figure of both; null where there is none. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly server: number | null
  readonly floor: number | null
  readonly ratio: number | null
}

/** What one step of a scenario has shown: a table of figures, and whether they count. */
export interface Result {
  readonly scenario: string
  readonly step: string
  readonly calls: number
  readonly figures: readonly Figure[]
  /** The worst of what the generator did while it measured. */
  readonly generator: GeneratorLoad & { readonly lateP99Ms: number }
  /** Why the figures count for nothing; empty when they count. */
  readonly void: readonly string[]
  readonly troubles: Troubles
  /** What else was not as it must be. */
  readonly failed: readonly string[]
}

export function emptyResult(scenario: string, step: string, calls: number): Result {
  return {
    scenario,
    step,
    calls,
    figures: [],
    generator: { share: 0, systemShare: 0, lateP99Ms: 0 },
    void: [],
    troubles: noTroubles(),
    failed: [],
  }
}

/** Of a step that came to no end. */
export function brokenOff(result: Result, thrown: unknown): Result {
  return { ...result, failed: [`broke off: ${thrown instanceof Error ? thrown.message : String(thrown)}`] }
}

export interface Side {
  readonly server: number | null
  readonly floor: number | null
}

export function figure(name: string, unit: string, { server, floor }: Side): Figure {
  return { name, unit, server, floor, ratio: ratio(server, floor) }
}

/** How long something took, in milliseconds. */
export function quantileFigures(
  name: string,
  { server, floor }: { readonly server: Spread; readonly floor: Spread },
): Figure[] {
  const shares = { p50: 'p50', p99: 'p99', p999: 'p99.9', max: 'at most' } as const
  return (['p50', 'p99', 'p999', 'max'] as const).map((share) =>
    figure(`${name} ${shares[share]}`, 'ms', { server: server[share], floor: floor[share] }),
  )
}

/** What all rounds of one side have shown. */
export interface Measured {
  readonly stretches: readonly Stretch[]
  readonly callsPerSecond: readonly (number | null)[]
  /** Of each round, before its calls and with them. */
  readonly memories: readonly { readonly idle: Memory; readonly loaded: Memory }[]
}

const kilobyte = 1024
const secondMs = 1000

/** The figures of calls that speak. Pure. */
export function speakingFigures(calls: number, sides: { server: Measured; floor: Measured }): Figure[] {
  const of = (name: string, unit: string, value: (side: Measured) => number | null) =>
    figure(name, unit, { server: value(sides.server), floor: value(sides.floor) })
  const delays = (side: Measured) => spreadOf(...side.stretches.map((stretch) => stretch.delays))
  const spreads = { server: delays(sides.server), floor: delays(sides.floor) }
  const delay = (share: 'p50' | 'p99' | 'p999') =>
    figure(`delay ${share === 'p999' ? 'p99.9' : share}`, 'ms', {
      server: spreads.server[share],
      floor: spreads.floor[share],
    })
  const hearings = (side: Measured) => spreadOf(...side.stretches.map((stretch) => stretch.hearingDelays))
  const heard = { server: hearings(sides.server), floor: hearings(sides.floor) }
  const hearing = (share: 'p50' | 'p99') =>
    figure(`delay to the recognizer ${share}`, 'ms', { server: heard.server[share], floor: heard.floor[share] })
  const cost = (side: Measured) => addCosts(side.stretches.map((stretch) => stretch.cost))
  const perCallSecond = (side: Measured, total: number) => rounded((total * secondMs) / cost(side).elapsedMs / calls)
  const perCall = (side: Measured, of: (memory: Memory) => number) =>
    rounded(middle(side.memories.map(({ idle, loaded }) => of(loaded) - of(idle))) / calls / kilobyte)
  return [
    delay('p50'),
    delay('p99'),
    delay('p999'),
    of(
      'delay p99, first of a sentence',
      'ms',
      (side) => spreadOf(...side.stretches.map((stretch) => stretch.sentenceDelays)).p99,
    ),
    ...(heard.server.count + heard.floor.count > 0 ? [hearing('p50'), hearing('p99')] : []),
    of('CPU per call', 'ms/s', (side) => perCallSecond(side, cost(side).userMs + cost(side).systemMs)),
    of('CPU per call, user', 'ms/s', (side) => perCallSecond(side, cost(side).userMs)),
    of('CPU per call, system', 'ms/s', (side) => perCallSecond(side, cost(side).systemMs)),
    of('memory per call, heap and buffers', 'KB', (side) =>
      perCall(side, (memory) => memory.heapBytes + memory.externalBytes),
    ),
    of('memory per call, resident', 'KB', (side) => perCall(side, (memory) => memory.rssBytes)),
    of('allocated per call', 'KB/s', (side) => perCallSecond(side, cost(side).allocatedBytes / kilobyte)),
    of('paused for garbage', 'ms/s', (side) => rounded((cost(side).pausedMs * secondMs) / cost(side).elapsedMs)),
    of('longest pause for garbage', 'ms', (side) => rounded(cost(side).longestPauseMs)),
    of('event loop late p99', 'ms', (side) => rounded(cost(side).loopP99Ms)),
    of('calls set up', '/s', (side) => rounded(Math.max(...side.callsPerSecond.map((rate) => rate ?? 0)))),
  ]
}

/** What else a process does at the time, such as letting go of code it no longer runs, is in some rounds and not in others. */
function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** Whether what was measured counts: the worst stretch tells. */
export function judge(stretches: readonly Pick<Stretch, 'generator'>[]): Pick<Result, 'generator' | 'void'> {
  const most = (of: (load: GeneratorLoad) => number) =>
    rounded(Math.max(0, ...stretches.map(({ generator }) => of(generator)))) ?? 0
  const generator = {
    share: most(({ share }) => share),
    systemShare: most(({ systemShare }) => systemShare),
    lateP99Ms: Math.max(0, ...stretches.map(({ generator }) => generator.lateP99Ms ?? 0)),
  }
  return { generator, void: voidReasons(generator) }
}
