import { expect, test } from 'vitest'
import type { Clock } from '../../src/ops/clock.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import { createLogger } from '../../src/ops/logger.ts'
import { createRegistry } from '../../src/call/registry.ts'
import { dial } from '../../src/call/dialler.ts'
import { streamForSpeech } from '../../src/speech/split.ts'

/** When every callback is lost, the call ends by asking Twilio; asking again after that kept `dial` from exiting. */
test('when asking Twilio ends the call, nothing waits to ask again', async () => {
  const stepped = createSteppedClock()
  const pending = new Set<object>()
  const clock: Clock = {
    now: () => stepped.now(),
    after(delayMs, fire) {
      const timer = stepped.after(delayMs, () => {
        pending.delete(timer)
        fire()
      })
      pending.add(timer)
      return {
        cancel() {
          pending.delete(timer)
          timer.cancel()
        },
      }
    },
  }
  const asked: string[] = []
  const call = dial(
    {
      clock,
      log: createLogger('silent'),
      registry: createRegistry('AC00000000000000000000000000000000'),
      sentences: { split: () => [], stream: () => streamForSpeech() },
      record: async () => {},
      destination: (to: string) => to,
      apology: 'Sorry.',
      limits: { maxCallMs: 3_600_000, idleMs: 3_600_000 },
      stopping: () => false,
      speech: {
        name: 'mute',
        capabilities: { languages: undefined, markup: false },
        open: () => ({
          ready: Promise.resolve(),
          speak: () => ({ push: () => {}, end: () => {}, cancel: () => {} }),
          close: async () => {},
        }),
      },
      telephony: {
        place: async () => ({ callSid: 'CA00000000000000000000000000000000' }),
        end: async () => {},
        find: async () => [],
        status: async (callSid) => {
          asked.push(callSid)
          return asked.length === 1 ? 'ringing' : 'no-answer'
        },
      },
    },
    {
      to: '+15551234567',
      from: '+15005550006',
      parameters: {},
      ringMs: 20_000,
      detectVoicemail: false,
      keepAudio: false,
    },
    { to: '+15551234567', from: '+15005550006', flow: 'notify', idempotencyKey: null, requestDigest: null },
  )
  expect((await stepped.runUntil(call.outcome)).status).toBe('no-answer')
  await stepped.advance(0)
  expect(asked).toHaveLength(2)
  expect(pending.size).toBe(0)
})
