import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { startAsyncService } from '../../src/simulator/async/service.ts'
import type { AsyncBehaviour } from '../../src/simulator/async/behaviour.ts'
import type { OddFrame } from '../../src/simulator/async/incidents.ts'
import { createSteppedClock, type SteppedClock } from '../../src/simulator/clock.ts'
import { createAsyncHttpSpeech } from '../../src/speech/async/http-provider.ts'
import { createAsyncSpeech } from '../../src/speech/async/provider.ts'
import { cacheSpeech, prepareSpeech } from '../../src/speech/cache/provider.ts'
import { createAudioStore } from '../../src/speech/cache/store.ts'
import { createLocalSpeech } from '../../src/speech/local/provider.ts'
import { createLocalVoice } from '../../src/speech/local/voice.ts'
import { speechConformance } from './speech.ts'
import type { SpeechSubject } from './speech-bench.ts'

speechConformance('async', overAsync())
speechConformance('async-http', overAsync({}, createAsyncHttpSpeech))
speechConformance('local', local)
speechConformance('cache, cold', overCache({}, 'cold'))
speechConformance('cache, warm', overCache({}, 'warm'))
speechConformance('cache, of one call', overCache({}, 'of one call'))

const odd: OddFrame[] = [
  'unknown-json',
  'not-an-object',
  'malformed-json',
  'not-base64',
  'wrong-types',
  'prototype-keys',
  'deep-json',
  'empty',
  'binary',
  'unknown-context',
]

/** Sources contradict each other about Async; the contract must hold in every position of its emulator's switches. */
const behaviours: Record<string, Partial<AsyncBehaviour>> = {
  'chunks of odd sizes': { chunks: { kind: 'odd' } },
  'chunks of any size': { chunks: { kind: 'random', seed: 7, minBytes: 1, maxBytes: 3001 } },
  'a transcript in one chunk': { chunks: { kind: 'whole' }, deliveryRate: Number.POSITIVE_INFINITY },
  'no faster than real time': { chunks: { kind: 'tiny' }, deliveryRate: 1 },
  'gaps of a second': { gap: { everyChunks: 3, ms: 1000 } },
  'a slow first audio': { firstAudioDelayMs: 6000 },
  'a slow handshake': { handshakeDelayMs: 3000 },
  init_ack: { initAck: true },
  'final missing': { final: 'missing' },
  'no final for the end of input': { endOfInput: 'no-final' },
  'final early': { final: 'early' },
  'final early, and gaps of a second': { final: 'early', gap: { everyChunks: 3, ms: 1000 } },
  'final with the last audio': { final: 'with-last-audio' },
  'final twice': { final: 'twice' },
  'final late': { finalDelayMs: 2000 },
  'any context id': { contextIds: 'honoured' },
  'only the context id of init_ack': { contextIds: 'server-only', initAck: true },
  'only the context id of init_ack, whose end closes the socket': {
    contextIds: 'server-only',
    initAck: true,
    defaultContextEnd: 'closes-socket',
  },
  'no context ids in replies': { contextIdInReplies: false },
  'no context ids in replies, init_ack': { contextIdInReplies: false, initAck: true },
  'no context ids in replies, final early': { contextIdInReplies: false, final: 'early' },
  'no context ids in replies, final missing': { contextIdInReplies: false, final: 'missing' },
  'no context ids in replies, late chunks': { contextIdInReplies: false, closeContext: 'truncating', lateChunks: 4 },
  'only the context id of init_ack, no ids in replies': {
    contextIds: 'server-only',
    initAck: true,
    contextIdInReplies: false,
  },
  'close_context truncates, late chunks follow': { closeContext: 'truncating', lateChunks: 4 },
  'close_context empties, late chunks follow': { closeContext: 'emptying', lateChunks: 4 },
  'forced whitespace is not answered': { forcedWhitespace: 'nothing' },
  'a forced text also speaks what was held': { forceFlushesHeld: true },
  'frames nobody knows': { incidents: odd.map((frame) => ({ at: 'audio', what: { kind: 'frame', frame } })) },
  'frames nobody knows, at once': {
    incidents: odd.map((frame) => ({ at: 'connect', what: { kind: 'frame', frame } })),
  },
  'a huge frame': {
    incidents: [{ at: 'audio', nth: 2, connection: 1, what: { kind: 'frame', frame: 'huge', bytes: 4_000_000 } }],
  },
  'the first connection is dropped at its first text': {
    incidents: [{ at: 'transcript', nth: 1, connection: 1, what: { kind: 'drop' } }],
  },
  'the first connection is reset at the init': {
    incidents: [{ at: 'init', connection: 1, what: { kind: 'drop', reset: true } }],
  },
}
for (const [name, behaviour] of Object.entries(behaviours)) speechConformance(`async, ${name}`, overAsync(behaviour))

const httpBehaviours: Record<string, Partial<AsyncBehaviour>> = {
  'chunks of odd sizes': { chunks: { kind: 'odd' } },
  'chunks of any size': { chunks: { kind: 'random', seed: 7, minBytes: 1, maxBytes: 3001 } },
  'a text in one chunk': { chunks: { kind: 'whole' }, deliveryRate: Number.POSITIVE_INFINITY },
  'no faster than real time': { chunks: { kind: 'tiny' }, deliveryRate: 1 },
  'gaps of a second': { gap: { everyChunks: 3, ms: 1000 } },
  'a slow first audio': { firstAudioDelayMs: 6000 },
  'two requests at once and no more': { concurrencyLimit: 2 },
  'the first request is dropped': { incidents: [{ at: 'request', nth: 1, what: { kind: 'drop' } }] },
  'every third request is reset': {
    incidents: [3, 6, 9, 12, 15, 18].map((nth) => ({ at: 'request', nth, what: { kind: 'drop', reset: true } })),
  },
  'a fault of the service at first': {
    incidents: [{ at: 'request', nth: 1, what: { kind: 'error', code: 'INTERNAL_SERVER_ERROR' } }],
  },
  'voices that cannot be asked for at first': {
    incidents: [1, 2, 3].map((nth) => ({ at: 'voices', nth, what: { kind: 'drop' } })),
  },
}
for (const [name, behaviour] of Object.entries(httpBehaviours))
  speechConformance(`async-http, ${name}`, overAsync(behaviour, createAsyncHttpSpeech))

/** The bad behaviours that a provider made of a provider must not make worse. */
const cachedBehaviours: readonly string[] = [
  'chunks of odd sizes',
  'no faster than real time',
  'gaps of a second',
  'a slow first audio',
  'a slow handshake',
  'final missing',
  'final early',
  'final late',
  'only the context id of init_ack',
  'no context ids in replies, late chunks',
  'close_context truncates, late chunks follow',
  'frames nobody knows',
  'the first connection is dropped at its first text',
]
for (const name of cachedBehaviours) speechConformance(`cache, cold, ${name}`, overCache(behaviours[name], 'cold'))
for (const name of ['no faster than real time', 'final missing', 'close_context truncates, late chunks follow'])
  speechConformance(`cache, warm, ${name}`, overCache(behaviours[name], 'warm'))

/** `cold`: the store forgets at once; `warm`: it keeps what any test said before. */
function overCache(behaviour: Partial<AsyncBehaviour> | undefined, how: 'cold' | 'warm' | 'of one call') {
  return async (): Promise<SpeechSubject> => {
    const subject = await overAsync(behaviour)()
    const clock = subject.clock
    const store = createAudioStore({ clock, memoryBytes: how === 'warm' ? 10_000_000 : 1, keepMs: 3_600_000 })
    const { provider } = subject
    return {
      ...subject,
      provider: how === 'of one call' ? prepareSpeech(provider, { clock }) : cacheSpeech(provider, { store, clock }),
    }
  }
}

function overAsync(
  behaviour: Partial<AsyncBehaviour> = {},
  create = createAsyncSpeech,
): () => Promise<SpeechSubject & { clock: SteppedClock }> {
  return async () => {
    const clock = createSteppedClock()
    const service = await startAsyncService({ clock, behaviour })
    const { url, apiKey, voiceId } = service
    const provider = create({ url, apiKey, voiceId, modelId: 'async_flash_v1.5' }, { clock })
    return {
      provider,
      clock,
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

async function local(): Promise<SpeechSubject> {
  const voice = createLocalVoice({ engine: new URL('./tone-engine.ts', import.meta.url).href })
  return {
    provider: createLocalSpeech({ voice }),
    run: (promise) => promise,
    // Nothing of the local voice waits for longer than this.
    pass: (ms) => sleep(Math.min(ms, 100)),
    now: () => performance.now(),
    close: () => voice.close(),
  }
}
