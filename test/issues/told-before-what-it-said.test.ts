import { expect, test } from 'vitest'
import type { CallObserver } from '../../src/call/observer.ts'
import { createCallSession } from '../../src/call/session.ts'
import { createLogger } from '../../src/ops/logger.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import { streamForSpeech } from '../../src/speech/split.ts'

test('that a call is over is observed behind what became of its utterances, also where Twilio told it first', async () => {
  const told: string[] = []
  const observer: CallObserver = {
    state() {},
    firstAudio() {},
    forwarded() {},
    marked() {},
    cleared() {},
    utterance: (id, change) => void told.push(`${id} ${change}`),
    ended: ({ reason }) => void told.push(`ended ${reason}`),
  }
  const call = createCallSession({
    callId: 'id',
    token: 't',
    direction: 'inbound',
    to: '+15551230001',
    from: '+15005550006',
    parameters: {},
    keepAudio: false,
    apology: 'Sorry.',
    awaitVerdict: false,
    destination: (to) => to,
    sentences: { split: (text) => [{ spoken: text, text, estimateMs: 1000 }], stream: () => streamForSpeech() },
    clock: createSteppedClock(),
    log: createLogger('silent'),
    speech: {
      name: 'hand',
      capabilities: { languages: undefined, markup: true },
      open: () => ({
        ready: Promise.resolve(),
        speak: () => ({ push() {}, end() {}, cancel() {} }),
        close: async () => {},
      }),
    },
    hangUp: async () => {},
    observer,
  })
  call.placed(`CA${'1'.repeat(32)}`)
  call.status('in-progress')
  call.attach({ media() {}, mark() {}, clear() {}, close() {} })
  call.say('Hello.').catch(() => {})
  call.status('completed')
  await call.outcome
  await Promise.resolve()
  expect(told).toEqual(['u1 began', 'u1 failed', 'ended callee-hung-up'])
})
