import { expect } from 'vitest'
import { startAsyncService } from '../../src/simulator/async/service.ts'
import type { AsyncBehaviour } from '../../src/simulator/async/behaviour.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import { createAsyncSpeech } from '../../src/speech/async/provider.ts'
import { createFailoverSpeech } from '../../src/speech/failover/provider.ts'
import { speechConformance } from './speech.ts'
import type { SpeechSubject } from './speech-bench.ts'

/** Whatever the first provider does, the two together keep the contract: both emulators have the same voice. */
const firstProviders: Record<string, Partial<AsyncBehaviour>> = {
  'both well': {},
  'the first refuses connections': { handshake: 'refuse' },
  'the first never answers': { handshake: 'never' },
  'the first answers with HTTP 503': { handshake: { httpStatus: 503 } },
  'the first is slow to connect': { handshakeDelayMs: 1000 },
  'the first is slow to speak': { firstAudioDelayMs: 6000 },
  'the first is no faster than real time': { chunks: { kind: 'tiny' }, deliveryRate: 1 },
  'the first has odd chunks': { chunks: { kind: 'odd' } },
  'the first never says final': { final: 'missing' },
  'the first says final early': { final: 'early' },
  'the first sends late audio after a cancel': { closeContext: 'truncating', lateChunks: 4 },
  'the first sends no context ids': { contextIdInReplies: false },
  'the first is cut at each text': { incidents: [{ at: 'transcript', what: { kind: 'drop' } }] },
  'the first reports a fault at each text': {
    incidents: [{ at: 'transcript', what: { kind: 'error', code: 'RATE_LIMIT_EXCEEDED' } }],
  },
}
for (const [name, behaviour] of Object.entries(firstProviders))
  speechConformance(`failover, ${name}`, failoverOver(behaviour))

function failoverOver(behaviour: Partial<AsyncBehaviour>): () => Promise<SpeechSubject> {
  return async () => {
    const clock = createSteppedClock()
    const first = await startAsyncService({ clock, behaviour })
    const second = await startAsyncService({ clock })
    const speech = ({ url, apiKey, voiceId }: typeof first) =>
      createAsyncSpeech({ url, apiKey, voiceId, modelId: 'async_flash_v1.5' }, { clock })
    return {
      provider: createFailoverSpeech(
        speech(first),
        [speech(second)],
        { firstAudioTimeoutMs: 1500 },
        { clock, log: { error: () => {}, info: () => {} } },
      ),
      run: (promise) => clock.runUntil(promise),
      pass: (ms) => clock.advance(ms),
      now: () => clock.now(),
      async close() {
        await first.close()
        await second.close()
        expect([...first.faults, ...second.faults]).toEqual([])
      },
    }
  }
}
