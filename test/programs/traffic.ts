import { getEventListeners } from 'node:events'
import { mkdirSync } from 'node:fs'
import { request as openRequest } from 'node:http'
import { pino } from 'pino'
import type { CallEvent } from '../../src/call/events.ts'
import type { LiveCall } from '../../src/call/live-call.ts'
import { createLogger } from '../../src/ops/logger.ts'
import type { AsyncBehaviour } from '../../src/simulator/async/behaviour.ts'
import { defaultBehaviour, type NetworkBehaviour } from '../../src/simulator/phone-network/behaviour.ts'
import type { PhoneScript } from '../../src/simulator/phone-network/phone/script.ts'
import { createRandom } from '../../src/simulator/random.ts'
import { createMemoryRecords } from '../../src/store/memory-records.ts'
import { apiOf } from '../integration/api-client.ts'
import { type Held, heldAtRest, listenersOf, stillReached } from '../left-behind.ts'
import { readScrape } from '../prometheus.ts'
import { logFolder, startWorld, type World } from '../world.ts'

/**
 * Simulated minutes of traffic with faults that change every minute, in a process of its own, so that all it holds is
 * ours. Prints, as one JSON object, what became of the calls and what the process held before and after.
 */
const minutes = Number(process.argv[2])
const sentence = 'This is one of the sentences of a call. '
const eventStreams = 3

/** What may be wrong with the network for a minute. */
const networkFaults: readonly Partial<NetworkBehaviour>[] = [
  {},
  {},
  { rest: { kind: 'status', status: 503, body: 'empty', processed: true } },
  { rest: { kind: 'reset', processed: true } },
  { statusCallbackLoss: 'all' },
  { statusCallbackCopies: 3, statusCallbackOrder: 'reversed' },
  { statusCallbackDelayMs: 7000 },
  { streamOpening: 'never' },
  { streamOpening: 'twice' },
  { streamSignature: 'wrong' },
  { loseStreamAfterMs: 2500 },
  { freezeStreamAfterMs: 2500 },
  { pauseReading: true },
  { answerPings: false },
  { sendStop: false },
  { closeAfterStop: false },
]
const speechFaults: readonly Partial<AsyncBehaviour>[] = [
  { incidents: [] },
  { incidents: [] },
  { incidents: [{ at: 'audio', nth: 5, what: { kind: 'drop', reset: true } }] },
  { incidents: [{ at: 'transcript', nth: 1, what: { kind: 'stall' } }] },
  { incidents: [{ at: 'transcript', nth: 1, connection: 1, what: { kind: 'drop' } }] },
  { incidents: [{ at: 'audio', nth: 3, what: { kind: 'frame', frame: 'malformed-json' } }] },
]
const phones: readonly PhoneScript[] = [
  {},
  { answer: { afterMs: 8000 } },
  { answer: 'busy' },
  { answer: 'no-answer' },
  { answer: 'failed' },
  { hangUp: { afterHeardMs: 1500 } },
  { answer: { afterMs: 500 }, hangUp: { afterAnswerMs: 100 } },
]

mkdirSync(logFolder, { recursive: true })
/** One for all of it: a world that is not given one opens a file of its own. */
const log = createLogger('trace', pino.destination({ dest: `${logFolder}/traffic-${process.pid}.log`, sync: true }))
const warnings: string[] = []
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`))

/** A reader of the events of a call: one that reads on, one that never reads, or one that leaves soon. */
function follow(world: World, callId: string, kind: 'reads' | 'deaf' | 'leaves'): () => void {
  const asked = openRequest(`${world.publicUrl}/calls/${callId}/events`, { agent: false })
  asked.on('error', () => {})
  asked.on('response', (response) => {
    response.on('error', () => {})
    if (kind === 'reads') response.resume()
    if (kind === 'leaves') asked.destroy()
  })
  asked.end()
  return () => void asked.destroy()
}

/** Somebody at the door who is not Twilio. */
async function knock(world: World): Promise<void> {
  const body = new URLSearchParams({ CallSid: `CA${'1'.repeat(32)}`, CallStatus: 'completed' })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const asked = openRequest(`${world.publicUrl}/twilio/status`, { method: 'POST', headers: form, agent: false })
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'x',
  }
  const socket = openRequest(`${world.publicUrl}/twilio/media`, { headers: upgrade, agent: false })
  await Promise.all(
    [asked, socket].map(
      (one) =>
        new Promise<void>((resolve) => {
          one.on('response', (response) => response.resume().on('close', resolve))
          one.on('error', () => resolve())
          one.end(one === asked ? body.toString() : undefined)
        }),
    ),
  )
}

async function traffic(forMinutes: number) {
  const random = createRandom(20_260_105)
  const oneOf = <T>(choices: readonly T[]): T => {
    const choice = choices[Math.floor(random() * choices.length)]
    if (choice === undefined) throw new Error('nothing to choose from')
    return choice
  }
  const memory = createMemoryRecords()
  /** How often an outcome was saved, by call. */
  const outcomes = new Map<string, number>()
  const records: typeof memory = {
    ...memory,
    save(record) {
      if (record.outcome) outcomes.set(record.callId, (outcomes.get(record.callId) ?? 0) + 1)
      return memory.save(record)
    },
  }
  const settings = { EVENT_STREAMS_PER_KEY: String(eventStreams), CALLS_PER_MINUTE: '1000' }
  const world = await startWorld({ restTimeoutMs: 500, lookEveryMs: 5000, records, settings, log })
  const api = apiOf(world)
  const { server, websocketServer } = world.app.server
  const idle = { timers: world.clock.timers, server: listenersOf(server) }
  const startMs = world.clock.now()
  const ends = new Map<string, number>()
  const calls: WeakRef<object>[] = []
  const sockets: WeakRef<object>[] = []
  const readers: (() => void)[] = []
  let signalListeners = 0
  let dialled = 0
  websocketServer.on('connection', (socket) => void sockets.push(new WeakRef(socket)))

  function look(call: LiveCall): void {
    if (ends.has(call.callId)) return
    const { callId, signal } = call
    ends.set(callId, call.events.filter(({ type }) => type === 'ended').length)
    calls.push(new WeakRef(call), new WeakRef(signal))
    call.watch(({ type }: CallEvent) => type === 'ended' && ends.set(callId, (ends.get(callId) ?? 0) + 1))
    void call.outcome.then(() => {
      signalListeners += getEventListeners(signal, 'abort').length
    })
    if (random() < 0.5) readers.push(follow(world, callId, oneOf(['reads', 'deaf', 'leaves'])))
  }

  function lookAtAll(): void {
    for (const call of world.app.calls()) look(call)
  }

  async function place(): Promise<void> {
    const to = `+1555300${String(dialled++).padStart(4, '0')}`
    const text = sentence.repeat(1 + Math.floor(random() * 6))
    const script = oneOf(phones)
    const way = random()
    if (way < 0.2) {
      const voiceUrl = `${world.publicUrl}/twilio/voice`
      world.network.dialIn({ from: to, voiceUrl, phone: script.hangUp ? { hangUp: script.hangUp } : {} })
      return
    }
    world.network.phone(to, script)
    if (way < 0.4) {
      // The answer was lost, so the client asks again.
      for (let time = 0; time < 2; time++) await api.place(to, text, { 'idempotency-key': to })
      return
    }
    const call = world.dial(to, text, { ringMs: 15_000 })
    if (way < 0.5) void world.clock.after(random() * 10_000, () => call.end('cancelled'))
  }

  for (let minute = 0; minute < forMinutes; minute++) {
    // Each of them has its turn.
    Object.assign(world.network.behaviour, defaultBehaviour(), networkFaults[minute % networkFaults.length])
    Object.assign(world.async.behaviour, oneOf(speechFaults))
    for (let part = 0; part < 4; part++) {
      await place()
      lookAtAll()
      await knock(world)
      for (let step = 0; step < 5; step++) {
        await world.clock.advance(3000)
        lookAtAll()
      }
    }
  }
  Object.assign(world.network.behaviour, defaultBehaviour())
  Object.assign(world.async.behaviour, { incidents: [] })
  await world.clock.advance(180_000)
  const simulatedMs = world.clock.now() - startMs
  for (const leave of readers) leave()

  // Every place for an event stream is free again.
  world.network.phone('+15553009999', { answer: { afterMs: 60_000 } })
  const last = world.dial('+15553009999', sentence)
  const statuses = await Promise.all(
    Array.from({ length: eventStreams }, async () => {
      const asked = openRequest(`${world.publicUrl}/calls/${last.callId}/events`, { agent: false }).on(
        'error',
        () => {},
      )
      asked.end()
      const status = await new Promise((resolve) => asked.once('response', (response) => resolve(response.statusCode)))
      asked.destroy()
      return status
    }),
  )
  last.end('cancelled')
  await world.until(last.outcome)
  await world.clock.advance(10_000)

  const scrape = readScrape(await (await fetch(`${world.publicUrl}/metrics`)).text())
  const reasons = memory.list({ limit: 10_000 }).map(({ outcome }) => outcome?.reason ?? 'none')
  server.closeIdleConnections()
  await world.clock.advance(0)
  const standing = {
    calls: world.app.calls().length,
    callsInMetrics: scrape.sum('callbridge_calls'),
    atTwilio: world.network.calls.filter((call) => call.endedAtMs === undefined).length,
    speechSessions: world.async.connections,
    mediaSockets: websocketServer.clients.size,
    timers: world.clock.timers - idle.timers,
    connections: await new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    signalListeners,
    callsReached: await stillReached(calls),
    socketsReached: await stillReached(sockets),
  }
  const listenersOfServer = { before: idle.server, after: listenersOf(server) }
  await world[Symbol.asyncDispose]()
  const closed = await heldAtRest()
  return {
    dialled,
    simulatedMs,
    reasons: [...new Set(reasons)],
    records: reasons.length,
    outcomes: [...new Set(outcomes.values())],
    withOutcome: outcomes.size,
    seen: ends.size,
    ends: [...new Set(ends.values())],
    endedInMetrics: scrape.sum('callbridge_calls_ended_total'),
    refused: world.app.refusals.counts['unsigned-webhook'],
    eventStreams: statuses,
    standing,
    listenersOfServer,
    clock: { timers: world.clock.timers, probes: world.clock.probes },
    closed,
  }
}

export type Traffic = Awaited<ReturnType<typeof traffic>>
export interface Findings extends Omit<Traffic, 'closed'> {
  readonly before: Held
  readonly after: Held
  readonly warnings: readonly string[]
}

// What is made once for a process is made by then.
const { closed: before } = await traffic(2)
const { closed: after, ...found } = await traffic(minutes)
const findings: Findings = { ...found, before, after, warnings }
// Whatever was left must not keep the process from telling.
process.stdout.write(`${JSON.stringify(findings)}\n`, () => process.exit())
