import { describe, expect, test } from 'vitest'
import { BridgeError } from '../../../src/errors.ts'
import { observeSpeech } from '../../../src/speech/observed.ts'
import type { SpeechProvider, SpeechSink } from '../../../src/speech/provider.ts'

function bench() {
  const told: string[][] = []
  const sinks: SpeechSink[] = []
  const ready = Promise.withResolvers<void>()
  const provider: SpeechProvider = {
    name: 'probe',
    capabilities: { languages: undefined, markup: false },
    open: () => ({
      ready: ready.promise,
      close: () => Promise.resolve(),
      speak(sink) {
        sinks.push(sink)
        return { push() {}, end() {}, cancel() {} }
      },
    }),
  }
  const observed = observeSpeech(provider, { failed: (...facts) => void told.push(facts), cached() {} })
  return { observed, told, sinks, ready }
}

const lost = () => new BridgeError('speech.lost', 'Lost.')
const settle = () => new Promise(setImmediate)

describe('a provider that is observed', () => {
  test('an error that fails the session and its utterances is told once, another one again', async () => {
    const { observed, told, sinks, ready } = bench()
    const session = observed.open({ signal: new AbortController().signal })
    const ends: string[] = []
    const sink = { audio() {}, ended: ({ kind }: { kind: string }) => void ends.push(kind) }
    for (let count = 0; count < 3; count++) session.speak(sink)
    const error = lost()
    ready.reject(error)
    await expect(session.ready).rejects.toBe(error)
    sinks[0]?.ended({ kind: 'failed', error })
    sinks[1]?.ended({ kind: 'failed', error: lost() })
    sinks[2]?.ended({ kind: 'done' })
    await settle()
    expect(told).toEqual([
      ['probe', 'speech.lost'],
      ['probe', 'speech.lost'],
    ])
    expect(ends).toEqual(['failed', 'failed', 'done'])
  })

  test('a session that is closed before it is ready has not failed', async () => {
    const { observed, told, ready } = bench()
    const call = new AbortController()
    observed.open({ signal: call.signal })
    call.abort()
    ready.reject(lost())
    await settle()
    expect(told).toEqual([])
  })

  test('what the cache did is told, and passed on', () => {
    const results: string[] = []
    const events: string[] = []
    const provider: SpeechProvider = {
      name: 'probe',
      capabilities: { languages: undefined, markup: false },
      open({ events: tell }) {
        tell?.({ type: 'cache', provider: 'inner', result: 'hit' })
        tell?.({ type: 'connected', provider: 'inner' })
        return {
          ready: Promise.resolve(),
          close: () => Promise.resolve(),
          speak: () => ({ push() {}, end() {}, cancel() {} }),
        }
      },
    }
    const observed = observeSpeech(provider, { failed() {}, cached: (...facts) => void results.push(facts.join(' ')) })
    observed.open({ signal: new AbortController().signal, events: ({ type }) => void events.push(type) })
    expect(results).toEqual(['inner hit'])
    expect(events).toEqual(['cache', 'connected'])
  })

  test('audio passes as it came', () => {
    const { observed, sinks } = bench()
    const audio: unknown[] = []
    observed.open({ signal: new AbortController().signal }).speak({
      audio: (...chunk) => void audio.push(chunk),
      ended() {},
    })
    sinks[0]?.audio('////', 3)
    expect(audio).toEqual([['////', 3]])
  })
})
