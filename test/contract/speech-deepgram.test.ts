import { expect } from 'vitest'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import type { DeepgramBehaviour } from '../../src/simulator/deepgram/behaviour.ts'
import type { OddFrame } from '../../src/simulator/deepgram/incidents.ts'
import { startDeepgramService } from '../../src/simulator/deepgram/service.ts'
import { createDeepgramSpeech } from '../../src/speech/deepgram/provider.ts'
import { speechConformance } from './speech.ts'
import type { SpeechSubject } from './speech-bench.ts'

const odd: OddFrame[] = [
  'unknown-json',
  'not-an-object',
  'malformed-json',
  'no-type',
  'prototype-keys',
  'deep-json',
  'empty',
  'empty-binary',
  'huge',
  'stray-cleared',
]
const oddAt = (at: 'connect' | 'audio', more: OddFrame[] = []) =>
  [...odd, ...more].map((frame) => ({ at, what: { kind: 'frame', frame, bytes: 200_000 } }) as const)

/** Much of Deepgram is unpublished or told in two ways; the contract must hold in every position of the switches. */
const behaviours: Record<string, Partial<DeepgramBehaviour>> = {
  'as documented': {},
  'chunks of odd sizes': { chunks: { kind: 'odd' } },
  'a sentence in one chunk': { chunks: { kind: 'whole' }, deliveryRate: Number.POSITIVE_INFINITY },
  'no faster than real time': { deliveryRate: 1 },
  'holes of 2.5 s': { gap: { everyChunks: 3, ms: 2500 } },
  'a slow first audio': { firstAudioDelayMs: 6000 },
  'a slow handshake': { handshakeDelayMs: 3000 },
  'nothing before Flush': { buffering: 'flush' },
  'Metadata missing': { metadata: 'missing' },
  'Flushed missing': { flushed: 'missing' },
  'Flushed early': { flushed: 'early' },
  'Flushed twice': { flushed: 'twice' },
  'Flushed late': { flushedDelayMs: 2000 },
  'an empty Flush is not answered': { emptyFlush: 'nothing' },
  'late audio after Clear': { clearWindowMs: 600 },
  'late audio after Cleared': { cleared: 'early' },
  'Cleared twice': { cleared: 'twice' },
  'Cleared missing': { cleared: 'missing' },
  'Flushed of what was dropped, before Cleared': { flushedAfterClear: 'before-cleared' },
  'Flushed of what was dropped, after Cleared': { flushedAfterClear: 'after-cleared' },
  'Close finishes first': { closeMessage: 'finishing' },
  'an idle limit of 3 s': { idleTimeoutMs: 3000 },
  'a life of 4 s': { lifeMs: 4000 },
  'frames nobody knows': { incidents: oddAt('audio') },
  'frames nobody knows, at once': { incidents: oddAt('connect', ['stray-flushed']) },
  'a huge frame of no use': {
    incidents: [{ at: 'audio', nth: 2, connection: 1, what: { kind: 'frame', frame: 'huge', bytes: 4_000_000 } }],
  },
  'the first connection is dropped at its first text': {
    incidents: [{ at: 'speak', nth: 1, connection: 1, what: { kind: 'drop' } }],
  },
  'the first connection is reset at once': {
    incidents: [{ at: 'connect', connection: 1, what: { kind: 'drop', reset: true } }],
  },
  'the first connection is closed with NET-0001 at its first Flush': {
    incidents: [{ at: 'flush', nth: 1, connection: 1, what: { kind: 'fatal', code: 'NET-0001' } }],
    closeReason: 'sentence',
  },
  // A limit that is lower than we know: the Flushes beyond it are ignored.
  'fewer Flushes a minute, the other form of the warning': { flushesPerMinute: 2, warningForm: 'typed' },
  'fewer Flushes a minute, nothing before Flush': { flushesPerMinute: 2, buffering: 'flush' },
}
for (const [name, behaviour] of Object.entries(behaviours)) speechConformance(`deepgram, ${name}`, over(behaviour))

function over(behaviour: Partial<DeepgramBehaviour>): () => Promise<SpeechSubject> {
  return async () => {
    const clock = createSteppedClock()
    const service = await startDeepgramService({ clock, behaviour })
    const { url, apiKey } = service
    const { flushesPerMinute } = behaviour
    return {
      provider: createDeepgramSpeech({ url, apiKey }, { clock }),
      run: (promise) => clock.runUntil(promise),
      pass: (ms) => clock.advance(ms),
      now: () => clock.now(),
      async close() {
        await service.close()
        const faults = service.faults.filter(
          (fault) => fault.code !== 'excessive-flush' || flushesPerMinute === undefined,
        )
        expect(faults).toEqual([])
      },
    }
  }
}
