import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AsyncBehaviour } from '../../src/simulator/async/behaviour.ts'
import type { Incident } from '../../src/simulator/async/incidents.ts'
import { type AsyncService, startAsyncService } from '../../src/simulator/async/service.ts'
import type { SteppedClock } from '../../src/simulator/clock.ts'
import { toneVoice } from '../../src/simulator/tone-voice.ts'
import { createAsyncSpeech } from '../../src/speech/async/provider.ts'
import { cacheSpeech } from '../../src/speech/cache/provider.ts'
import { createAudioStore } from '../../src/speech/cache/store.ts'
import { createFailoverSpeech } from '../../src/speech/failover/provider.ts'
import { startWorld } from '../world.ts'

const to = '+15551230001'
const sentences = ['First of all hello.', 'The second one is here.', 'A third one follows it.', 'And four ends it.']
const text = sentences.join(' ')

const what = fc.constantFrom<Incident['what']>(
  { kind: 'drop' },
  { kind: 'drop', reset: true },
  { kind: 'close', code: 1000 },
  { kind: 'close', code: 1011 },
  { kind: 'stall' },
  { kind: 'freeze' },
  { kind: 'error', code: 'RATE_LIMIT_EXCEEDED' },
  { kind: 'error', code: 'USAGE_LIMIT_EXCEEDED' },
  { kind: 'frame', frame: 'malformed-json' },
)
const incident: fc.Arbitrary<Incident> = fc.record({
  at: fc.constantFrom('connect', 'init', 'transcript', 'audio'),
  nth: fc.integer({ min: 1, max: 20 }),
  connection: fc.integer({ min: 1, max: 3 }),
  what,
})
const behaviour: fc.Arbitrary<Partial<AsyncBehaviour>> = fc.record({
  handshake: fc.constantFrom('answer', 'answer', 'answer', 'refuse', 'never'),
  firstAudioDelayMs: fc.constantFrom(50, 150, 700, 3000),
  deliveryRate: fc.constantFrom(1, 1.3, 5, Number.POSITIVE_INFINITY),
  final: fc.constantFrom('at-end', 'at-end', 'missing', 'early'),
  incidents: fc.array(incident, { maxLength: 3 }),
})

test('whatever two providers do, every call has one outcome, and every sentence was heard whole or said by Twilio', async () => {
  await fc.assert(
    fc.asyncProperty(behaviour, behaviour, fc.boolean(), async (one, other, cached) => {
      let second: AsyncService | undefined
      await using world = await startWorld({
        async: { behaviour: one },
        async speech(clock, first) {
          second = await startAsyncService({ clock, behaviour: other })
          const log = { error() {}, info() {} }
          const [voice, spare] = [first, second].map((service) => voiceOf(service, clock, cached))
          if (!voice || !spare) throw new Error('no voices')
          return createFailoverSpeech(voice, [spare], { firstAudioTimeoutMs: 1500 }, { clock, log })
        },
        settings: { PRESYNTHESIZE: cached ? 'on' : 'off' },
      })
      try {
        const phone = world.network.phone(to)
        let outcomes = 0
        const call = world.dial(to, text)
        void call.outcome.then(() => outcomes++)
        const outcome = await world.until(call.outcome)
        await world.until(phone.ended)
        expect(outcomes).toBe(1)
        if (outcome.reason === 'speech-failed') return expect(outcome.answeredAt).toBeNull()
        expect(['completed', 'said-by-twilio']).toContain(outcome.reason)
        const heard = Buffer.from(phone.heard)
        const said = phone.said.join(' ')
        // Where a service does not tell the end, or too early, or was not heard of before it falls silent, a sentence that
        // it breaks off may be taken for a whole one.
        const falls = (incidents: readonly Incident[] = []) => incidents.some((it) => /stall|freeze/.test(it.what.kind))
        const tells = [one, other].every(({ final, incidents }) => final === 'at-end' && !falls(incidents))
        // So may the last one, where the service leaves in order and nothing else was asked of it.
        const leaves = [one, other].some(({ incidents = [] }) => incidents.some(({ what }) => isOrderly(what)))
        for (const sentence of tells ? sentences.slice(0, leaves ? -1 : undefined) : [])
          expect(heard.includes(await soundOf(sentence)) || said.includes(sentence), sentence).toBe(true)
        expect(outcome.heardText).toBe(text)
        await world.clock.advance(30_000)
        expect(world.app.calls()).toEqual([])
        // A frozen service does not notice that its client has left.
        const open = [one, other].map(({ incidents = [] }, index) =>
          incidents.some((one) => one.what.kind === 'freeze') ? 0 : [world.async, second][index]?.connections,
        )
        expect(open).toEqual([0, 0])
      } finally {
        await second?.close()
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 25) },
  )
}, 300_000)

function isOrderly(what: Incident['what']): boolean {
  return what.kind === 'close' && what.code === 1000
}

function voiceOf({ url, apiKey, voiceId }: AsyncService, clock: SteppedClock, cached: boolean) {
  const voice = createAsyncSpeech({ url, apiKey, voiceId, modelId: 'async_flash_v1.5' }, { clock })
  const store = createAudioStore({ clock, memoryBytes: 10_000_000, keepMs: 3_600_000 })
  return cached ? cacheSpeech(voice, { clock, store }) : voice
}

async function soundOf(sentence: string): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of toneVoice(sentence, { signal: new AbortController().signal })) parts.push(part)
  return Buffer.concat(parts)
}
