import { expect, test } from 'vitest'
import { createSteppedClock } from '../../../../src/simulator/clock.ts'
import { createDeepgramSpeech, type DeepgramSpeechSettings } from '../../../../src/speech/deepgram/provider.ts'
import type { VoiceChoice } from '../../../../src/speech/provider.ts'

const apiKey = 'key_of_nobody'

function providerOf(settings: Partial<DeepgramSpeechSettings> = {}) {
  return createDeepgramSpeech({ url: 'https://api.deepgram.com', apiKey, ...settings }, { clock: createSteppedClock() })
}

test('audio made at another address, with another voice or speed, is other audio', () => {
  const identity = (voice: VoiceChoice) => providerOf().identity?.(voice)
  const all = [
    identity({}),
    identity({ voice: 'aura-2-apollo-en' }),
    identity({ speed: 1.2 }),
    providerOf({ url: 'https://api.eu.deepgram.com' }).identity?.({}),
    providerOf({ voice: 'aura-2-zeus-en' }).identity?.({}),
    providerOf({ speed: 0.8 }).identity?.({}),
  ]
  expect(new Set(all).size).toBe(6)
  expect(all.join()).not.toContain(apiKey)
})

test('what changes nothing about the audio changes nothing about its identity', () => {
  const identity = (voice: VoiceChoice) => providerOf().identity?.(voice)
  const own = identity({})
  expect(own).toBeDefined()
  expect(identity({ voice: 'aura-2-thalia-en', speed: 1 })).toBe(own)
  expect(identity({ model: 'aura-2-thalia-en' })).toBe(own)
  // Meant for another provider.
  expect(identity({ voice: 'e0f39dc4-f691-4e78-bba5-5c636692cc04', language: 'de' })).toBe(own)
  expect(identity({ speed: 1.5 })).toBe(identity({ speed: 9 }))
  expect(providerOf({ url: 'https://api.deepgram.com/', apiKey: 'another_key' }).identity?.({})).toBe(own)
})

test('says that several utterances may come as one', () => {
  expect(providerOf().capabilities.joins).toBe(true)
})
