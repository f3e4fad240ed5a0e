import { pino } from 'pino'
import { expect, test } from 'vitest'
import { dial } from '../../src/call/dialler.ts'
import type { LiveCall } from '../../src/call/live-call.ts'
import { createRegistry } from '../../src/call/registry.ts'
import type { Telephony } from '../../src/call/telephony.ts'
import type { Clock } from '../../src/ops/clock.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import { streamForSpeech } from '../../src/speech/split.ts'
import type { SpeechProvider } from '../../src/speech/provider.ts'

const mute: SpeechProvider = {
  name: 'mute',
  capabilities: { languages: undefined, markup: true },
  open: () => ({
    ready: Promise.resolve(),
    speak: () => ({ push: () => {}, end: () => {}, cancel: () => {} }),
    close: async () => {},
  }),
}

/** A call of ours at a phone network played by hand, and the number of timers that are running. */
function stage(telephony: Partial<Telephony>) {
  const stepped = createSteppedClock(0)
  const running = new Set<object>()
  const clock: Clock = {
    now: () => stepped.now(),
    after(delayMs, fire) {
      const mine = {}
      running.add(mine)
      const timer = stepped.after(delayMs, () => {
        running.delete(mine)
        fire()
      })
      return {
        cancel() {
          running.delete(mine)
          timer.cancel()
        },
      }
    },
  }
  const placed = { callSid: `CA${'0'.repeat(32)}` }
  const line: Telephony = {
    place: async () => placed,
    end: async () => {},
    find: async () => [],
    status: async () => 'queued',
    ...telephony,
  }
  const registry = createRegistry(`AC${'0'.repeat(32)}`)
  const limits = { maxCallMs: 3_600_000, idleMs: 3_600_000 }
  const log = pino({ level: 'silent' })
  const request = { to: '+15551230001', from: '+15005550006', parameters: {}, ringMs: 10_000 }
  const deps = {
    clock,
    log,
    registry,
    telephony: line,
    speech: mute,
    sentences: { split: () => [], stream: () => streamForSpeech() },
    record: async () => {},
    limits,
    destination: (to: string) => to,
    apology: 'Sorry.',
    stopping: () => false,
  }
  const facts = { to: request.to, from: request.from, flow: 'notify', idempotencyKey: null, requestDigest: null }
  const call: LiveCall = dial(deps, { ...request, detectVoicemail: false, keepAudio: false }, facts)
  return { call, stepped, running }
}

test('a call that Twilio, when asked, says is over leaves no timer behind', async () => {
  const { call, stepped, running } = stage({ status: async () => 'no-answer' })
  expect(await stepped.runUntil(call.outcome)).toMatchObject({ reason: 'no-answer' })
  await stepped.advance(0)
  expect(running.size).toBe(0)
})

test('a call that is ended by whoever watches it be answered leaves no timer behind', async () => {
  const { call, stepped, running } = stage({})
  call.watch((event) => {
    if (event.type === 'answered') call.end('cancelled')
  })
  call.status('in-progress')
  expect(await stepped.runUntil(call.outcome)).toMatchObject({ reason: 'cancelled' })
  await stepped.advance(0)
  expect(running.size).toBe(0)
})

test('a call whose id comes late is asked after all the same', async () => {
  const late = Promise.withResolvers<{ callSid: string }>()
  const { call, stepped } = stage({ place: () => late.promise, status: async () => 'no-answer' })
  await stepped.advance(60_000)
  late.resolve({ callSid: `CA${'0'.repeat(32)}` })
  expect(await stepped.runUntil(call.outcome)).toMatchObject({ reason: 'no-answer' })
})
