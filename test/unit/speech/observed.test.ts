import { describe, expect, test } from 'vitest'
import { BridgeError } from '../../../src/errors.ts'
import { observeEvents, observeFailures, type SpeechObserver } from '../../../src/speech/observed.ts'
import type { SpeechEvent, SpeechProvider, SpeechSessionOptions, SpeechSink } from '../../../src/speech/provider.ts'

function bench() {
  const told: string[][] = []
  const connections: string[][] = []
  const cached: string[][] = []
  const takenOver: string[] = []
  const sinks: SpeechSink[] = []
  const opened: SpeechSessionOptions[] = []
  const ready = Promise.withResolvers<void>()
  const provider: SpeechProvider = {
    name: 'probe',
    capabilities: { languages: undefined, markup: false },
    open(options) {
      opened.push(options)
      return {
        ready: ready.promise,
        close: () => Promise.resolve(),
        speak(sink) {
          sinks.push(sink)
          return { push() {}, end() {}, cancel() {} }
        },
      }
    },
  }
  const observer: SpeechObserver = {
    failed: (...facts) => void told.push(facts),
    cached: (...facts) => void cached.push(facts),
    failedOver: () => void takenOver.push('taken over'),
    connection: (...facts) => void connections.push(facts),
  }
  const observed = observeEvents(observeFailures(provider, observer), observer)
  return {
    observed,
    told,
    connections,
    cached,
    takenOver,
    sinks,
    ready,
    happen: (event: SpeechEvent) => opened[0]?.events?.(event),
  }
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

  test('each event of a connection is counted, logged once with the name of the provider, and passed on', () => {
    const { observed, connections, happen } = bench()
    const logged: unknown[] = []
    const passed: SpeechEvent[] = []
    const log = {
      warn: (facts: object, message: string) => void logged.push(['warn', facts, message]),
      debug: (facts: object, message: string) => void logged.push(['debug', facts, message]),
    }
    observed.open({ signal: new AbortController().signal, log, events: (event) => void passed.push(event) })
    const events: SpeechEvent[] = [
      { type: 'connection-error', provider: 'probe@eu', error: new BridgeError('speech.unavailable', 'None.') },
      { type: 'connected', provider: 'probe@eu' },
      { type: 'disconnected', provider: 'probe@eu', error: lost() },
      { type: 'disconnected', provider: 'probe@eu', error: undefined },
      { type: 'prepared', provider: 'probe', audioMs: 20 },
    ]
    for (const event of events) happen(event)
    expect(passed).toEqual(events)
    expect(connections).toEqual(
      ['connection-error', 'connected', 'lost', 'disconnected'].map((event) => ['probe@eu', event]),
    )
    expect(logged).toEqual([
      ['warn', { provider: 'probe@eu', errorCode: 'speech.unavailable' }, 'no speech connection'],
      ['debug', { provider: 'probe@eu' }, 'speech connection made'],
      ['warn', { provider: 'probe@eu', errorCode: 'speech.lost' }, 'speech connection lost'],
      ['debug', { provider: 'probe@eu' }, 'speech connection closed'],
    ])
  })

  test('a listener that throws harms nobody', () => {
    const { observed, happen } = bench()
    const warnings: string[] = []
    const log = { warn: (_facts: object, message: string) => void warnings.push(message), debug() {} }
    const events = () => {
      throw new Error('a secret')
    }
    observed.open({ signal: new AbortController().signal, log, events })
    expect(() => happen({ type: 'connected', provider: 'probe' })).not.toThrow()
    expect(warnings).toEqual(['a listener to speech events threw'])
  })

  test('a look-up in the cache and a provider that takes over are counted; that none is left is not', () => {
    const { observed, cached, takenOver, happen } = bench()
    observed.open({ signal: new AbortController().signal })
    happen({ type: 'cache', provider: 'probe', result: 'hit' })
    happen({ type: 'failover', from: 'probe', to: 'other', error: lost() })
    happen({ type: 'failover', from: 'other', to: undefined, error: lost() })
    expect(cached).toEqual([['probe', 'hit']])
    expect(takenOver).toHaveLength(1)
  })
})
