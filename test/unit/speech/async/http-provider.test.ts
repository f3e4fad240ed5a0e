import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readAll } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { AsyncBehaviour } from '../../../../src/simulator/async/behaviour.ts'
import { type AsyncServiceOptions, startAsyncService } from '../../../../src/simulator/async/service.ts'
import { type Clock, createSteppedClock } from '../../../../src/simulator/clock.ts'
import type { Voice } from '../../../../src/simulator/voice.ts'
import { createAsyncHttpSpeech } from '../../../../src/speech/async/http-provider.ts'
import type { AsyncSpeechSettings } from '../../../../src/speech/async/provider.ts'
import type { SpeechEvent, VoiceChoice } from '../../../../src/speech/provider.ts'
import { type RecordOptions, record } from '../../../contract/speech-recorder.ts'

const sentence = 'Your order has shipped and comes tomorrow.'

async function start(
  behaviour: Partial<AsyncBehaviour> = {},
  {
    settings = {},
    service: options = {},
  }: { settings?: Partial<AsyncSpeechSettings>; service?: AsyncServiceOptions } = {},
) {
  const clock = createSteppedClock()
  const service = await startAsyncService({ clock, behaviour, ...options })
  onTestFinished(() => service.close())
  const { url, apiKey, voiceId } = service
  const given = { url, apiKey, voiceId, modelId: 'async_flash_v1.5', ...settings }
  const provider = createAsyncHttpSpeech(given, { clock })
  const events: SpeechEvent[] = []
  const open = (voice: VoiceChoice = {}) => {
    const session = provider.open({
      signal: new AbortController().signal,
      voice,
      events: (event) => events.push(event),
    })
    onTestFinished(() => session.close())
    return session
  }
  const say = (session: ReturnType<typeof open>, text: string, options?: RecordOptions) => {
    const recording = record(session, [text], options)
    recording.input.end()
    return recording
  }
  const run = <T>(promise: Promise<T>) => clock.runUntil(promise)
  return { clock, service, provider, events, open, say, run }
}

describe('what is asked for', () => {
  test('is raw mu-law at 8,000 Hz, in one request for an utterance, and every byte is passed on', async () => {
    const { open, say, run, service } = await start({ chunks: { kind: 'odd' } })
    const recording = say(open(), sentence)
    expect(await run(recording.ended)).toEqual({ kind: 'done' })
    expect(recording.audio().equals(Buffer.from(service.spoken[0]?.audio ?? []))).toBe(true)
    expect(service.requests).toMatchObject([
      {
        path: '/text_to_speech/streaming',
        body: {
          model_id: 'async_flash_v1.5',
          transcript: sentence,
          voice: { mode: 'id', id: service.voiceId },
          output_format: { container: 'raw', encoding: 'pcm_mulaw', sample_rate: 8000 },
        },
      },
    ])
    expect(service.faults).toEqual([])
  })

  test('has the voice, model, language and speed of the session, and a speed only where the model has one', async () => {
    const { open, say, run, service, provider } = await start({}, { settings: { language: 'en' } })
    const other = service.voices[1]?.voice_id ?? ''
    await run(say(open({ voice: other, model: 'async_flash_v1.0', language: 'de', speed: 1.5 }), 'Hallo.').ended)
    await run(say(open({ speed: 1.5 }), 'Hello.').ended)
    expect(service.requests.map((request) => request.body)).toMatchObject([
      { voice: { id: other }, model_id: 'async_flash_v1.0', language: 'de', speed_control: 1.5 },
      { voice: { id: service.voiceId }, model_id: 'async_flash_v1.5', language: 'en' },
    ])
    expect(service.requests[1]?.body).not.toHaveProperty('speed_control')
    expect(service.faults).toEqual([])
    expect(provider.capabilities.speeds).toBeUndefined()
    const legacy = await start({}, { settings: { modelId: 'async_flash_v1.0' } })
    expect(legacy.provider.capabilities.speeds).toEqual({ min: 0.7, max: 2 })
  })

  test('is one text ahead of what is spoken, never two, and is held back until its turn', async () => {
    const { clock, open, say, run, service } = await start({ deliveryRate: 1 })
    const session = open()
    const log: string[] = []
    const all = ['One is said first.', 'Two comes then.', 'Three.', 'Four.'].map((text, index) =>
      say(session, text, { log, name: String(index) }),
    )
    await clock.advance(500)
    expect(service.requests).toHaveLength(2)
    expect(all.map((one) => one.chunks > 0)).toEqual([true, false, false, false])
    for (const one of all) expect(await run(one.ended)).toEqual({ kind: 'done' })
    expect(log.filter((entry, index) => entry !== log[index - 1])).toEqual(
      [0, 1, 2, 3].flatMap((index) => [`${index} audio`, `${index} done`]),
    )
    for (const [index, one] of all.entries())
      expect(one.audio().equals(Buffer.from(service.spoken[index]?.audio ?? []))).toBe(true)
  })

  test('is nothing of the next utterance while more may be pushed of this one', async () => {
    const { clock, open, say, run, service } = await start()
    const session = open()
    const log: string[] = []
    const first = record(session, ['One.'], { log, name: 'first' })
    const second = say(session, 'Last.', { log, name: 'second' })
    await clock.advance(5000)
    first.input.push('Two.')
    first.input.end()
    expect(await run(second.ended)).toEqual({ kind: 'done' })
    expect(log.indexOf('first done')).toBeLessThan(log.indexOf('second audio'))
    expect(service.spoken.map((spoken) => spoken.transcript)).toEqual(['One.', 'Two.', 'Last.'])
  })

  test('is broken off when it is cancelled, and the service notices', async () => {
    let dismissed = 0
    const voice: Voice = async function* endless() {
      try {
        for (;;) yield await Promise.resolve(new Uint8Array(1600).fill(1))
      } finally {
        dismissed++
      }
    }
    const { clock, open, say, run } = await start({ deliveryRate: 1 }, { service: { voice } })
    const session = open()
    const [first, second] = [say(session, 'Endless.'), say(session, 'And another.')]
    await run(first.begun)
    first.input.cancel()
    await run(second.begun)
    await session.close()
    await clock.advance(3000)
    expect([first.ends, second.ends]).toEqual([[{ kind: 'cancelled' }], [{ kind: 'cancelled' }]])
    expect(dismissed).toBe(2)
  })
})

describe('a failure', () => {
  test.each([0, 1, 12, 23])(
    'with the quota used up amid the audio is told; all before it is heard (marker split at %i)',
    async (quotaMarkerSplit) => {
      const { open, say, run, service } = await start({ quotaBytes: 5000, quotaMarkerSplit, chunks: { kind: 'odd' } })
      const recording = say(open(), sentence)
      expect(await run(recording.ended)).toMatchObject({
        kind: 'failed',
        error: { code: 'speech.refused', retryable: false, details: { asyncCode: 'QUOTA_EXCEEDED' } },
      })
      expect(recording.audio().equals(Buffer.from(service.spoken[0]?.audio ?? []))).toBe(true)
      expect(recording.audio().length).toBe(5000)
    },
  )

  test.each(['json', 'unlabelled-json'] as const)(
    'that comes in place of audio (%s) is told and never heard',
    async (httpBody) => {
      for (const httpErrorForm of ['flat', 'detail'] as const) {
        const { open, say, run } = await start({ httpBody, httpErrorForm })
        const recording = say(open(), sentence)
        expect(await run(recording.ended)).toMatchObject({ error: { details: { asyncCode: 'USAGE_LIMIT_EXCEEDED' } } })
        expect(recording.chunks).toBe(0)
      }
    },
  )

  test.each([
    ['RATE_LIMIT_EXCEEDED', 'speech.busy', 1],
    ['TOO_MANY_CONCURRENT_REQUESTS', 'speech.busy', 1],
    ['USAGE_LIMIT_EXCEEDED', 'speech.refused', 1],
    ['INVALID_LANGUAGE', 'speech.refused', 1],
    ['INTERNAL_SERVER_ERROR', 'speech.unavailable', 2],
  ] as const)('%s is told as %s after %i requests, and the next utterance is tried', async (code, told, requests) => {
    const { open, say, run, service } = await start({ incidents: [{ at: 'request', what: { kind: 'error', code } }] })
    const session = open()
    const recording = say(session, sentence)
    expect(await run(recording.ended)).toMatchObject({ kind: 'failed', error: { code: told } })
    expect(service.requests).toHaveLength(requests)
    service.behaviour.incidents = []
    expect(await run(say(session, 'Next.').ended)).toEqual({ kind: 'done' })
  })

  test('of what was asked for ahead is nothing, if it is well when its turn comes', async () => {
    const { open, say, run, service } = await start({ concurrencyLimit: 1 })
    const session = open()
    const both = ['The first of two.', 'The second.'].map((text) => say(session, text))
    for (const one of both) expect(await run(one.ended)).toEqual({ kind: 'done' })
    expect(service.requests.map((request) => request.status)).toEqual([200, 429, 200])
  })

  test('by a body that is cut is told when some of it was heard, and asked for again when nothing was', async () => {
    const { open, say, run, service } = await start({ incidents: [{ at: 'body', nth: 2, what: { kind: 'drop' } }] })
    const recording = say(open(), sentence)
    expect(await run(recording.ended)).toMatchObject({ kind: 'failed', error: { code: 'speech.lost' } })
    expect(service.requests).toHaveLength(1)
    service.behaviour.incidents = [{ at: 'request', nth: 2, what: { kind: 'drop', reset: true } }]
    expect(await run(say(open(), sentence).ended)).toEqual({ kind: 'done' })
  })

  test('to answer is a stall after 10 s, to go on after 5 s', async () => {
    const { clock, open, say, run, service } = await start({ incidents: [{ at: 'request', what: { kind: 'stall' } }] })
    const stalledAfter = async () => {
      const began = clock.now()
      const recording = say(open(), sentence)
      const end = await run(recording.ended)
      expect(end).toMatchObject({ kind: 'failed', error: { code: 'speech.stalled', retryable: true } })
      return { tookMs: clock.now() - began, chunks: recording.chunks }
    }
    expect(await stalledAfter()).toEqual({ tookMs: 10_000, chunks: 0 })
    service.behaviour.incidents = [{ at: 'body', nth: 1, what: { kind: 'stall' } }]
    expect(await stalledAfter()).toMatchObject({ tookMs: 5150 })
  })

  test('is nothing while it is only slow', async () => {
    const { open, say, run } = await start({ firstAudioDelayMs: 9000, gap: { everyChunks: 1, ms: 4000 } })
    expect(await run(say(open(), sentence).ended)).toEqual({ kind: 'done' })
  })

  test('never shows the key or the text', async () => {
    const { open, say, run, service } = await start({}, { settings: { apiKey: 'sk_wrong_key_0000' } })
    const session = open()
    const readiness = session.ready.catch((error: unknown) => error)
    const end = await run(say(session, sentence).ended)
    expect(inspect([end, await run(readiness)], { depth: 10 })).not.toMatch(/sk_wrong|0000|order/)
    expect(service.requests).toHaveLength(1)
  })
})

/** A server that answers requests for speech by hand. */
async function byHand(answer: (response: ServerResponse, text: string, clock: Clock) => void) {
  const clock = createSteppedClock()
  const server = createServer((request, response) => {
    void readAll(request).then((body) => answer(response, body, clock))
  })
  server.on('connection', (tcp) => clock.watch(() => tcp.bytesRead + tcp.bytesWritten))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = createAsyncHttpSpeech({ url, apiKey: 'k', voiceId: 'v', modelId: 'm' }, { clock })
  const session = provider.open({ signal: new AbortController().signal })
  onTestFinished(() => session.close())
  const say = (text: string) => {
    const recording = record(session, [text])
    recording.input.end()
    return recording
  }
  return { clock, say, end: () => clock.runUntil(say(sentence).ended) }
}

describe('an answer', () => {
  test('without audio for words is a failure', async () => {
    const { end } = await byHand((response) => response.end())
    expect(await end()).toMatchObject({ kind: 'failed', error: { code: 'speech.stalled', message: /no audio/ } })
  })

  test('whose end cannot be told from a cut is a failure when it is too short for its text', async () => {
    const raw = (bytes: number) => (response: ServerResponse) => {
      response.socket?.end(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), Buffer.alloc(bytes, 0x90)]))
    }
    expect(await (await byHand(raw(4000))).end()).toMatchObject({ kind: 'failed', error: { code: 'speech.lost' } })
    expect(await (await byHand(raw(40_000))).end()).toEqual({ kind: 'done', unconfirmed: true })
  })

  test('that ends as it should is taken for whole, however short', async () => {
    for (const type of ['chunked', undefined]) {
      const headers = type ? { 'transfer-encoding': type } : { 'content-length': '80' }
      const { end } = await byHand((response) => response.writeHead(200, headers).end(Buffer.alloc(80, 0x90)))
      expect(await end()).toEqual({ kind: 'done' })
    }
  })

  test('that sends us elsewhere is not followed with the key', async () => {
    const { end } = await byHand((response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end())
    expect(await end()).toMatchObject({
      kind: 'failed',
      error: { code: 'speech.refused', details: { httpStatus: 302 } },
    })
  })
})

test('an answer that is held back for longer than a stall, and is more than is kept, waits at the service', async () => {
  const audioBytes = 24 * 1024 * 1024
  let sent = false
  const { clock, say } = await byHand((response, body, time) => {
    if (body.includes('Second')) {
      response.once('finish', () => {
        sent = true
      })
      response.end(Buffer.alloc(audioBytes, 0x90))
      return
    }
    let pieces = 0
    const next = () => {
      response.write(Buffer.alloc(8000, 0x80))
      if (++pieces < 5) time.after(4000, next)
      else response.end()
    }
    next()
  })
  const [first, second] = [say('First.'), say('Second.')]
  await clock.advance(15_000)
  expect([first.chunks > 0, first.ends, second.chunks, sent]).toEqual([true, [], 0, false])
  expect(await clock.runUntil(second.ended)).toEqual({ kind: 'done' })
  expect(first.ends).toEqual([{ kind: 'done' }])
  expect(second.audio().length).toBe(audioBytes)
})

describe('ready', () => {
  test('resolves when the voice is found, once for many sessions, and says so', async () => {
    const { clock, open, run, service, events } = await start()
    for (let index = 0; index < 3; index++) await run(open().ready)
    expect(service.voiceRequests).toHaveLength(1)
    expect(events).toEqual([1, 2, 3].map(() => ({ type: 'connected', provider: 'async-http' })))
    await clock.advance(11 * 60_000)
    await run(open().ready)
    expect(service.voiceRequests).toHaveLength(2)
    expect(service.faults).toEqual([])
  })

  test('rejects at once for a key or a voice that is refused', async () => {
    for (const settings of [{ apiKey: 'sk_wrong' }, { voiceId: '00000000-0000-4000-8000-000000000000' }]) {
      const { clock, open, run, events } = await start({}, { settings })
      const began = clock.now()
      await expect(run(open().ready)).rejects.toMatchObject({ code: 'speech.refused' })
      expect(clock.now() - began).toBeLessThan(100)
      expect(events).toMatchObject([{ type: 'connection-error', error: { code: 'speech.refused' } }])
    }
  })

  test('rejects after 15 s in which nothing answered, unless something was spoken', async () => {
    const { clock, open, say, run, service } = await start({ incidents: [{ at: 'voices', what: { kind: 'drop' } }] })
    const began = clock.now()
    await expect(run(open().ready)).rejects.toMatchObject({ code: 'speech.unavailable' })
    expect(clock.now() - began).toBeGreaterThan(7000)
    expect(clock.now() - began).toBeLessThanOrEqual(15_000)
    const session = open()
    expect(await run(say(session, 'Hello.').ended)).toEqual({ kind: 'done' })
    await run(session.ready)
    expect(service.faults).toEqual([])
  })

  test('rejects with the end of the session, and leaves no timer', async () => {
    const { clock, open, run } = await start({ incidents: [{ at: 'voices', what: { kind: 'stall' } }] })
    const session = open()
    await session.close()
    await expect(run(session.ready)).rejects.toMatchObject({ code: 'call.ended' })
    await clock.advance(30_000)
  })
})

test('audio made with another address, version, model, voice, language or speed is other audio', async () => {
  const { provider, service } = await start({}, { settings: { modelId: 'async_flash_v1.0', language: 'en' } })
  const legacy = 'async_flash_v1.0'
  const identity = (voice: VoiceChoice, from = provider) => from.identity?.(voice)
  const own = { voice: service.voiceId, model: legacy, language: 'en' }
  expect(identity({})).toBe(identity(own))
  const choices: VoiceChoice[] = [
    {},
    { voice: 'another' },
    { model: 'async_flash_v1.5' },
    { language: 'de' },
    { speed: 1.5 },
  ]
  const { url, apiKey, voiceId } = service
  const settings = { url, apiKey, voiceId, modelId: legacy, language: 'en' }
  const others = [{ url: `${url}/eu` }, { version: 'v2' }].map((changed) =>
    createAsyncHttpSpeech({ ...settings, ...changed }, { clock: createSteppedClock() }),
  )
  const all = [...choices.map((choice) => identity(choice)), ...others.map((other) => identity({}, other))]
  expect(new Set(all).size).toBe(7)
  expect(all.join()).not.toContain(apiKey)
  // This model has one speed only.
  const fixed = { model: 'async_flash_v1.5' }
  expect(identity({ ...fixed, speed: 1.5 })).toBe(identity(fixed))
})

test('an address that is none is told when the provider is made', () => {
  const clock = createSteppedClock()
  for (const url of ['', 'nothing', 'ws://127.0.0.1:1', 'ftp://x'])
    expect(() => createAsyncHttpSpeech({ url, apiKey: 'k', voiceId: 'v', modelId: 'm' }, { clock })).toThrow(
      'ASYNC_URL',
    )
})
