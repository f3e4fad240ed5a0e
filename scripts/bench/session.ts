import { setTimeout as pause } from 'node:timers/promises'
import type { Bridge } from './bridge.ts'
import { addTroubles, noTroubles, type Troubles } from './faults.ts'
import { createSamples, quantile, rounded, type Samples } from './figures.ts'
import type { Generator, GeneratorLoad } from './generator.ts'
import { createPhone, type Phone } from './phone.ts'
import type { Cost, Memory } from './probe-messages.ts'
import type { Voice } from './sound.ts'
import type { Pace } from './speech-service.ts'

export interface Sounding {
  readonly pace: Pace
  readonly voice: Voice
}

/** What a stretch of time has shown. */
export interface Stretch {
  readonly delays: Samples
  /** Of the first chunk of each sentence alone: there the bridge goes from one text to the next. */
  readonly sentenceDelays: Samples
  readonly silencings: Samples
  /** Of what the phones said, from a phone to the recognizer. */
  readonly hearingDelays: Samples
  readonly cost: Cost
  readonly generator: GeneratorLoad & { readonly lateP99Ms: number | null }
}

/** Calls that are under way. */
export interface Session {
  readonly phones: readonly Phone[]
  readonly callsPerSecond: number | null
  /** @param profile the file that a CPU profile goes to */
  measure(during: () => Promise<unknown>, profile?: string): Promise<Stretch>
  memory(): Promise<Memory>
  /** Lets what was sent arrive, hangs up, and tells what went wrong. */
  close(): Promise<Troubles>
}

const usualFirstSoundWithinMs = 15_000
const usualDrainWithinMs = 5_000

export interface SetUp {
  readonly calls: number
  /** So many are being set up at any time. */
  readonly atOnce: number
  /** From one call to the next, at least. */
  readonly everyMs?: number
  /** Who hears nothing until then is not waited for any longer. */
  readonly firstSoundWithinMs?: number
  /** What has not come so long behind the last sending never will. */
  readonly drainWithinMs?: number
  /** A bridge that does not close when a phone hangs up is not waited for any longer. */
  readonly goodbyeWithinMs?: number
  /** From the answer to the webhook to the opening of the stream. */
  readonly ringMs?: number
}

/** Sets up calls, and waits until all of them hear something. */
export async function openSession(
  generator: Generator,
  bridge: Bridge,
  { pace, voice }: Sounding,
  setUp: SetUp,
): Promise<Session> {
  const { speech } = generator
  const { drainWithinMs = usualDrainWithinMs } = setUp
  let delays = createSamples()
  let sentenceDelays = createSamples()
  let silencings = createSamples()
  let hearingDelays = createSamples()
  let measuring = false
  speech.begin(pace, voice)
  generator.hearing.begin((ms) => {
    if (measuring) hearingDelays.add(ms)
  })

  const phones = Array.from({ length: setUp.calls }, () =>
    createPhone({
      ...generator,
      bridge,
      voice,
      claim: (stream) => speech.claim(stream),
      goodbyeWithinMs: setUp.goodbyeWithinMs,
      silenced: (ms) => silencings.add(ms),
      delay(ms, begins) {
        if (!measuring) return
        delays.add(ms)
        if (begins) sentenceDelays.add(ms)
      },
    }),
  )
  const startedMs = performance.now()
  const declined = await callAll(phones, bridge, setUp)
  await until(
    () => phones.every((phone) => phone.heardAtMs !== undefined),
    setUp.firstSoundWithinMs ?? usualFirstSoundWithinMs,
  )
  const heardMs = Math.max(...phones.map((phone) => phone.heardAtMs ?? Number.POSITIVE_INFINITY))

  return {
    phones,
    callsPerSecond: rounded((1000 * phones.length) / (heardMs - startedMs)),
    async measure(during, profile) {
      delays = createSamples()
      sentenceDelays = createSamples()
      silencings = createSamples()
      hearingDelays = createSamples()
      const end = generator.measure()
      await bridge.begin(profile)
      measuring = true
      await during()
      measuring = false
      const cost = await bridge.end()
      const { late, ...load } = end()
      return {
        delays,
        sentenceDelays,
        silencings,
        hearingDelays,
        cost,
        generator: { ...load, lateP99Ms: quantile(late.sorted(), 0.99) },
      }
    },
    memory: () => bridge.memory(),
    async close() {
      speech.hold()
      await until(() => phones.every((phone) => phone.matcher.missing() === 0), drainWithinMs)
      let troubles: Troubles = { ...noTroubles(), unheard: speech.unheard, misjudged: declined }
      for (const { matcher, isDeaf } of phones)
        troubles = addTroubles(troubles, { ...matcher.faults, missing: matcher.missing(), deaf: isDeaf ? 1 : 0 })
      await Promise.all(phones.map((phone) => phone.hangUp()))
      const left = () => speech.connections + generator.hearing.connections
      await until(() => left() === 0, drainWithinMs)
      troubles = addTroubles(troubles, { leaked: left() })
      for (const { broken } of phones) troubles = addTroubles(troubles, { broken })
      return addTroubles(troubles, generator.hearing.troubles())
    },
  }
}

/**
 * One more call, which gets no further than the answer to its webhook; or to its handshake, where there is no webhook.
 *
 * @returns whether it was taken
 */
export async function callOnce(generator: Generator, bridge: Bridge): Promise<boolean> {
  const { mouth: voice, speech } = generator
  const phone = createPhone({
    ...generator,
    bridge,
    voice,
    claim: (stream) => speech.claim(stream),
    silenced() {},
    delay() {},
  })
  const order = await phone.dial()
  if (!order) return false
  try {
    if (bridge.kind === 'floor') await phone.connect(order)
  } catch (thrown) {
    if (thrown instanceof Error && thrown.message.includes('status 503')) return false
    throw thrown
  }
  // Taken wrongly, it is not to be a load beside the others.
  await phone.hangUp()
  return true
}

/** Returns how many calls were declined. */
async function callAll(
  phones: readonly Phone[],
  bridge: Bridge,
  { atOnce, everyMs = 0, ringMs = 0 }: SetUp,
): Promise<number> {
  const waiting = phones.entries()
  const startedMs = performance.now()
  let declined = 0
  const worker = async () => {
    for (const [index, phone] of waiting) {
      const waitMs = startedMs + index * everyMs - performance.now()
      if (waitMs > 0) await pause(waitMs)
      const order = await phone.dial()
      // A floor has no webhook: there the connection is what rings.
      if (order && ringMs > 0 && bridge.kind === 'floor') await phone.connect(order)
      if (order && ringMs > 0) await pause(ringMs)
      if (order) await phone.open(order)
      else declined++
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return declined
}

const lookEveryMs = 20

async function until(holds: () => boolean, withinMs: number): Promise<void> {
  const endMs = performance.now() + withinMs
  while (!holds() && performance.now() < endMs) await pause(lookEveryMs)
}
