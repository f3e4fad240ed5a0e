import { expect } from 'vitest'
import { startAsyncService } from '../../src/simulator/async/service.ts'
import type { AsyncBehaviour } from '../../src/simulator/async/behaviour.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import { createAsyncSpeech } from '../../src/speech/async/provider.ts'
import { type SpeechSubject, speechConformance } from './speech.ts'

speechConformance('async', overAsync())

/** Sources contradict each other about Async; the contract must hold in every position of its emulator's switches. */
const behaviours: Record<string, Partial<AsyncBehaviour>> = {
  'chunks of any size': { chunks: { kind: 'random', seed: 7, minBytes: 1, maxBytes: 3001 } },
}
for (const [name, behaviour] of Object.entries(behaviours)) speechConformance(`async, ${name}`, overAsync(behaviour))

function overAsync(behaviour: Partial<AsyncBehaviour> = {}): () => Promise<SpeechSubject> {
  return async () => {
    const clock = createSteppedClock()
    const service = await startAsyncService({ clock, behaviour })
    const { url, apiKey, voiceId } = service
    const provider = createAsyncSpeech({ url, apiKey, voiceId, modelId: 'async_flash_v1.5' }, { clock })
    return {
      provider,
      run: (promise) => clock.runUntil(promise),
      pass: (ms) => clock.advance(ms),
      now: () => clock.now(),
      async close() {
        await service.close()
        expect(service.faults).toEqual([])
      },
    }
  }
}
