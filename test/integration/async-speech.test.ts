import { inspect } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import type { AsyncBehaviour } from '../../src/simulator/async/behaviour.ts'
import type { Happening, Incident } from '../../src/simulator/async/incidents.ts'
import { type AsyncService, startAsyncService } from '../../src/simulator/async/service.ts'
import { createSteppedClock, type SteppedClock } from '../../src/simulator/clock.ts'
import { type AsyncSpeechSettings, createAsyncSpeech } from '../../src/speech/async/provider.ts'
import type { SpeechSession } from '../../src/speech/provider.ts'
import { type Recording, record } from '../contract/speech-recorder.ts'

let service: AsyncService | undefined
afterEach(async () => {
  await service?.close()
  service = undefined
})

interface Scene {
  readonly clock: SteppedClock
  readonly service: AsyncService
  readonly session: SpeechSession
}

async function scene(
  behaviour: Partial<AsyncBehaviour> = {},
  settings: Partial<AsyncSpeechSettings> = {},
): Promise<Scene> {
  const clock = createSteppedClock()
  service = await startAsyncService({ clock, behaviour })
  const { url, apiKey, voiceId } = service
  const session = createAsyncSpeech({ url, apiKey, voiceId, modelId: 'async_flash_v1.5', ...settings }, { clock }).open(
    {
      signal: new AbortController().signal,
    },
  )
  return { clock, service, session }
}

function say(session: SpeechSession, ...texts: string[]): Recording {
  const recording = record(session, texts)
  recording.input.end()
  return recording
}

function at(place: Incident['at'], what: Happening, more: Partial<Incident> = {}): Partial<AsyncBehaviour> {
  return { incidents: [{ at: place, connection: 1, what, ...more }] }
}

const long = 'This is a sentence that is long enough to be broken off somewhere in its middle.'

describe('while a phone rings', () => {
  test.each([{}, { initAck: true }])('five minutes of silence cost no connection: %j', async (behaviour) => {
    const { clock, service, session } = await scene(behaviour)
    await clock.runUntil(session.ready)
    await clock.advance(300_000)
    expect(service.opened).toBe(1)
    expect(service.connections).toBe(1)
    const heard = say(session, 'Hello.')
    expect(await clock.runUntil(heard.ended)).toEqual({ kind: 'done' })
    await clock.runUntil(session.close())
    expect(service.faults).toEqual([])
  })

  test('a dropped connection is made again, so that the first words are not late', async () => {
    const { clock, service, session } = await scene()
    await clock.runUntil(session.ready)
    await clock.advance(20_000)
    service.dropAll()
    await clock.advance(20_000)
    service.dropAll({ code: 1001 })
    await clock.advance(1000)
    expect({ opened: service.opened, open: service.connections }).toEqual({ opened: 3, open: 1 })
    expect(await clock.runUntil(say(session, 'Hello.').ended)).toEqual({ kind: 'done' })
    await clock.runUntil(session.close())
  })

  test('a network that is silently gone is noticed within 15 s, and another connection is made', async () => {
    const { clock, service, session } = await scene()
    await clock.runUntil(session.ready)
    await clock.advance(20_000)
    service.strike({ kind: 'freeze' })
    await clock.advance(15_000)
    expect(service.opened).toBe(2)
    expect(await clock.runUntil(say(session, 'Hello.').ended)).toEqual({ kind: 'done' })
    await clock.runUntil(session.close())
  })
})

describe('a wrong key', () => {
  test.each(['http-401', 'close', 'error-frame'] as const)(
    'refused by %s rejects ready at once and fails what is said',
    async (badKey) => {
      const { clock, service, session } = await scene({ badKey }, { apiKey: 'sk_wrong_key' })
      const began = clock.now()
      const heard = say(session, 'Hello.')
      const error = await clock.runUntil(session.ready.catch((thrown: unknown) => thrown))
      expect(error).toMatchObject({ code: 'speech.refused', retryable: false, message: /ASYNC_API_KEY/ })
      expect(clock.now() - began).toBeLessThan(1000)
      expect(await clock.runUntil(heard.ended)).toMatchObject({ kind: 'failed', error: { code: 'speech.refused' } })
      await clock.advance(30_000)
      expect(service.opened).toBe(badKey === 'http-401' ? 0 : 1)
      expect(inspect([error, heard.ends], { depth: 20, showHidden: true })).not.toContain('sk_wrong')
      await clock.runUntil(session.close())
    },
  )

  test.each([
    [{ voiceId: 'nobody' }, /ASYNC_VOICE_ID/],
    [{ modelId: 'no_model' }, /ASYNC_MODEL_ID/],
    [{ language: 'xx' }, /language/],
    [{ version: 'v9' }, /ASYNC_VERSION=v1/],
  ])('and a wrong setting %j says which one', async (settings, message) => {
    const { clock, session } = await scene({}, settings)
    const error = await clock.runUntil(session.ready.catch((thrown: unknown) => thrown))
    expect(error).toMatchObject({ code: 'speech.refused', message })
    await clock.runUntil(session.close())
  })
})

describe('what goes wrong while speaking', () => {
  test('an account with too many connections is busy; one that becomes free in time is used', async () => {
    const { clock, service, session } = await scene({ concurrencyLimit: 0 })
    clock.after(3000, () => {
      service.behaviour.concurrencyLimit = 1
    })
    expect(await clock.runUntil(session.ready)).toBeUndefined()
    expect(await clock.runUntil(say(session, 'Hello.').ended)).toEqual({ kind: 'done' })
    await clock.runUntil(session.close())
  })

  test.each([
    ['TOO_MANY_CONCURRENT_REQUESTS', 'speech.busy'],
    ['RATE_LIMIT_EXCEEDED', 'speech.busy'],
    ['USAGE_LIMIT_EXCEEDED', 'speech.refused'],
  ] as const)('%s fails the utterance as %s; what will pass does not fail the next one', async (code, expected) => {
    for (const errorForm of ['flat', 'detail'] as const) {
      const { clock, service, session } = await scene({
        errorForm,
        ...at('transcript', { kind: 'error', code }, { nth: 1 }),
      })
      const first = say(session, 'One.')
      const second = say(session, 'Two.')
      expect(await clock.runUntil(first.ended)).toMatchObject({ error: { code: expected } })
      const next = await clock.runUntil(second.ended)
      if (expected === 'speech.busy') expect(next).toEqual({ kind: 'done' })
      else expect(next).toMatchObject({ error: { code: expected } })
      await clock.runUntil(session.close())
      await service.close()
    }
  })

  test('TIMEOUT amid an utterance is a loss, and the next utterance is spoken on a new connection', async () => {
    const { clock, session, service } = await scene(at('audio', { kind: 'error', code: 'TIMEOUT' }, { nth: 3 }))
    const first = say(session, long)
    const second = say(session, 'Two.')
    expect(await clock.runUntil(first.ended)).toMatchObject({ error: { code: 'speech.lost' } })
    expect(await clock.runUntil(second.ended)).toEqual({ kind: 'done' })
    expect(service.opened).toBe(2)
    await clock.runUntil(session.close())
  })

  test.each<Happening>([{ kind: 'drop' }, { kind: 'drop', reset: true }, { kind: 'close', code: 1011 }])(
    'a connection lost amid audio fails what is spoken, lost before any it is said again: %j',
    async (what) => {
      const amid = await scene(at('audio', what, { nth: 3 }))
      const cut = say(amid.session, long)
      expect(await amid.clock.runUntil(cut.ended)).toMatchObject({ error: { code: 'speech.lost' } })
      expect(cut.audio().length).toBeGreaterThan(0)
      await amid.clock.runUntil(amid.session.close())
      await amid.service.close()

      const before = await scene(at('transcript', what))
      const whole = say(before.session, long)
      expect(await before.clock.runUntil(whole.ended)).toEqual({ kind: 'done' })
      expect(whole.audio().equals(before.service.spoken.at(-1)?.audio ?? Buffer.alloc(0))).toBe(true)
      await before.clock.runUntil(before.session.close())
    },
  )

  test('a service that lives but says nothing any more has stalled, before and amid audio', async () => {
    const silent = await scene({ firstAudioDelayMs: 60_000 })
    const began = silent.clock.now()
    const nothing = say(silent.session, long)
    expect(await silent.clock.runUntil(nothing.ended)).toMatchObject({ error: { code: 'speech.stalled' } })
    expect(silent.clock.now() - began).toBe(10_000)
    await silent.clock.runUntil(silent.session.close())
    await silent.service.close()

    const amid = await scene({ gap: { everyChunks: 3, ms: 60_000 } })
    const cut = say(amid.session, long)
    expect(await amid.clock.runUntil(cut.ended)).toMatchObject({ error: { code: 'speech.stalled' } })
    await amid.clock.runUntil(amid.session.close())
  })

  test('the audio is byte for byte what the service made, whatever the sizes of its chunks', async () => {
    for (const chunks of [{ kind: 'odd' }, { kind: 'tiny' }, { kind: 'whole' }] as const) {
      const { clock, service, session } = await scene({ chunks })
      const heard = say(session, long, 'And <digits>123</digits> more.')
      expect(await clock.runUntil(heard.ended)).toEqual({ kind: 'done' })
      expect(heard.audio().equals(Buffer.concat(service.spoken.map((one) => one.audio)))).toBe(true)
      await clock.runUntil(session.close())
      expect(service.faults).toEqual([])
      await service.close()
    }
  })

  test('nothing is left of a session after its close: no socket, no timer', async () => {
    const { clock, service, session } = await scene()
    const heard = say(session, long)
    await clock.runUntil(heard.begun)
    await clock.runUntil(session.close())
    // Only the end of the socket itself may still be on its way.
    for (let i = 0; service.connections > 0 && i < 100; i++) await clock.advance(10)
    expect(service.connections).toBe(0)
    await expect(clock.runUntil(new Promise(() => {}), { realMs: 50 })).rejects.toThrow('nothing is scheduled')
  })
})
