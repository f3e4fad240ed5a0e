import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { Happening } from '../../src/simulator/deepgram/incidents.ts'
import type { SpeechEvent } from '../../src/speech/provider.ts'
import { record } from '../contract/speech-recorder.ts'
import { at, long, say, scene } from './deepgram-scene.ts'

describe('on the wire', () => {
  test('a sentence is one Speak with one space at its end, and one Flush', async () => {
    const { clock, service, session, sent } = await scene()
    const spoken = [say(session, 'One is the first.'), say(session, ' Two. ')]
    for (const one of spoken) expect(await clock.runUntil(one.ended)).toEqual({ kind: 'done' })
    await clock.runUntil(session.close())
    expect(sent()).toEqual(['Speak:One is the first. ', 'Flush', 'Speak: Two. ', 'Flush', 'Close'])
    expect(service.spoken.map(({ model, speed }) => [model, speed])).toEqual([
      ['aura-2-thalia-en', 1],
      ['aura-2-thalia-en', 1],
    ])
    expect(service.faults).toEqual([])
  })

  test('the audio is byte for byte what the service made, whatever the sizes of its frames', async () => {
    for (const chunks of [{ kind: 'odd' }, { kind: 'tiny' }, { kind: 'whole' }] as const) {
      const { clock, service, session } = await scene({ chunks })
      const heard = say(session, long)
      expect(await clock.runUntil(heard.ended)).toEqual({ kind: 'done' })
      expect(heard.audio().equals(Buffer.concat(service.spoken.map((one) => one.audio)))).toBe(true)
      await clock.runUntil(session.close())
    }
  })

  test('voice and speed of a call are asked for; what names no voice of Deepgram is left out, a speed kept within bounds', async () => {
    const first = await scene({}, { voice: { voice: 'aura-2-apollo-en', speed: 1.2, language: 'en' } })
    await first.clock.runUntil(say(first.session, 'Hello.').ended)
    expect(first.service.spoken[0]).toMatchObject({ model: 'aura-2-apollo-en', speed: 1.2 })
    const uuid = 'e0f39dc4-f691-4e78-bba5-5c636692cc04'
    const second = await scene({}, { voice: { voice: uuid, model: 'async_flash_v1.5', speed: 9 } }, { speed: 0.8 })
    await second.clock.runUntil(say(second.session, 'Hello.').ended)
    expect(second.service.spoken[0]).toMatchObject({ model: 'aura-2-thalia-en', speed: 1.5 })
    expect(second.service.faults).toEqual([])
  })

  test('markup is never read aloud, and a text of nothing else is not sent', async () => {
    const { clock, session, sent } = await scene()
    const texts = [
      "Hi <break time='1s'/> you, <digits>12</digits>.",
      "<break time='1s'/>",
      '<phonemes>ˈeɪ</phonemes> !',
    ]
    for (const text of texts) expect(await clock.runUntil(say(session, text).ended)).toEqual({ kind: 'done' })
    expect(sent()).toEqual(['Speak:Hi, you, 1 2. ', 'Flush'])
  })
})

describe('a text that is still being written', () => {
  test('words go out as they come, with their own spaces, and Flush at the end', async () => {
    const { clock, service, session, sent } = await scene()
    const recording = record(session, [])
    for (const word of ['Un', 'believ', 'able', ' ', 'news', '. ', 'Two', '.', 'Three', '.']) {
      recording.input.push(word)
      await clock.advance(20)
    }
    expect(sent().join('|')).toBe(
      'Speak:Un|Speak:believ|Speak:able|Speak: news|Speak:.|Speak: Two|Speak:.|Speak: Three|Speak:.',
    )
    recording.input.end()
    expect(await clock.runUntil(recording.ended)).toEqual({ kind: 'done' })
    expect(sent().at(-1)).toBe('Flush')
    expect(service.spoken.map(({ text }) => text)).toEqual(['Unbelievable news.', 'Two.', 'Three.'])
    expect(service.faults).toEqual([])
  })

  test('a tag that is cut in two is not read aloud', async () => {
    const { clock, service, session } = await scene()
    const recording = record(session, [])
    for (const part of ['It is <dig', 'its>1', '2</', 'digits>', ' now', '.']) {
      recording.input.push(part)
      await clock.advance(20)
    }
    recording.input.end()
    await clock.runUntil(recording.ended)
    expect(service.spoken.map(({ text }) => text)).toEqual(['It is 1 2 now.'])
  })

  test('behind a sentence a writer is not waited for; amid one the service waits for the rest', async () => {
    const { clock, session, sent } = await scene()
    const recording = record(session, ['One.'])
    await clock.advance(1000)
    expect(sent()).toEqual(['Speak:One.', 'Flush'])
    recording.input.push(' And then')
    await clock.advance(5000)
    expect(sent()).toHaveLength(3)
    recording.input.push(' two.')
    recording.input.end()
    expect(await clock.runUntil(recording.ended)).toEqual({ kind: 'done' })
    expect(sent()).toEqual(['Speak:One.', 'Flush', 'Speak: And then', 'Speak: two. ', 'Flush'])
  })

  test('nobody else speaks before the writer has ended, and a writer may take minutes', async () => {
    const { clock, session } = await scene({ idleTimeoutMs: Number.POSITIVE_INFINITY })
    const writer = record(session, ['One.'])
    const next = say(session, 'Two.')
    await clock.advance(120_000)
    expect([writer.ends, next.ends, next.chunks]).toEqual([[], [], 0])
    writer.input.end()
    expect(await clock.runUntil(next.ended)).toEqual({ kind: 'done' })
    expect(writer.ends).toEqual([{ kind: 'done' }])
  })
})

describe('cancel', () => {
  test('is answered with Clear; what had been sent ahead is said again, whole', async () => {
    const { clock, service, session, sent } = await scene()
    // One utterance to learn that Flushed is the last of it: then the next is sent ahead.
    await clock.runUntil(say(session, 'Hello.').ended)
    const first = say(session, long)
    const second = say(session, 'Two is said.')
    await clock.runUntil(first.begun)
    first.input.cancel()
    expect(await clock.runUntil(second.ended)).toEqual({ kind: 'done' })
    expect(sent().slice(2)).toEqual([
      `Speak:${long} `,
      'Flush',
      'Speak:Two is said. ',
      'Flush',
      'Clear',
      'Speak:Two is said. ',
      'Flush',
    ])
    expect(second.audio().equals(Buffer.from(service.spoken.at(-1)?.audio ?? []))).toBe(true)
    expect(service.opened).toBe(1)
  })

  test('of one that was sent ahead does not touch the one that sounds', async () => {
    const { clock, service, session, sent } = await scene()
    await clock.runUntil(say(session, 'Hello.').ended)
    const first = say(session, long)
    const second = say(session, 'Two.')
    const third = say(session, 'Three.')
    await clock.runUntil(first.begun)
    second.input.cancel()
    expect(sent()).not.toContain('Clear')
    expect(await clock.runUntil(third.ended)).toEqual({ kind: 'done' })
    expect([first.ends, second.ends, second.chunks]).toEqual([[{ kind: 'done' }], [{ kind: 'cancelled' }], 0])
    expect(first.audio().equals(Buffer.from(service.spoken.find(({ text }) => text === long)?.audio ?? []))).toBe(true)
    expect(third.audio().equals(Buffer.from(service.spoken.at(-1)?.audio ?? []))).toBe(true)
  })

  test('of everything sends one Clear, and what is said then is heard', async () => {
    const { clock, session, sent } = await scene()
    const all = [say(session, long), say(session, 'Two.'), say(session, 'Three.')]
    await clock.runUntil(all[0]?.begun ?? Promise.resolve())
    for (const one of all) one.input.cancel()
    expect(await clock.runUntil(say(session, 'And now this.').ended)).toEqual({ kind: 'done' })
    expect(sent().filter((message) => message === 'Clear')).toHaveLength(1)
    expect(sent().slice(-2)).toEqual(['Speak:And now this. ', 'Flush'])
  })

  test('is followed by other words only after a quiet, also where no audio ever came after Cleared', async () => {
    const { clock, service, session, provider } = await scene({ cleared: 'early', clearWindowMs: 0 })
    await clock.runUntil(session.ready)
    // No audio is on its way: nothing comes after Cleared, which shows nothing.
    const first = say(session, 'Nobody wants this any more.')
    await clock.advance(20)
    first.input.cancel()
    await clock.runUntil(say(session, 'Then this.').ended)
    expect(service.opened).toBe(1)
    service.behaviour.clearWindowMs = 600
    const second = provider.open({ signal: new AbortController().signal })
    const cut = say(second, long)
    await clock.runUntil(cut.begun)
    await clock.advance(100)
    cut.input.cancel()
    const next = say(second, 'And now this.')
    expect(await clock.runUntil(next.ended)).toEqual({ kind: 'done' })
    expect(next.audio().equals(Buffer.from(service.spoken.at(-1)?.audio ?? []))).toBe(true)
    await clock.runUntil(second.close())
  })

  test('costs the connection at once, without Clear, where audio was seen to come after Cleared', async () => {
    const { clock, service, session, sent } = await scene({ cleared: 'early', clearWindowMs: 600 })
    const cut = () => {
      const recording = say(session, long)
      return clock
        .runUntil(recording.begun)
        .then(() => clock.advance(100))
        .then(() => recording.input.cancel())
    }
    await cut()
    const next = say(session, 'Then this.')
    expect(await clock.runUntil(next.ended)).toEqual({ kind: 'done' })
    expect(service.opened).toBe(2)
    await cut()
    // Whatever else it would send, nothing of it passes.
    const [last, after] = [say(session, 'And now this.'), say(session, 'And this.')]
    expect(await clock.runUntil(after.ended)).toEqual({ kind: 'done' })
    expect(service.opened).toBe(3)
    expect(sent().filter((message) => message === 'Clear')).toHaveLength(1)
    const made = service.spoken.slice(-2).map(({ audio }) => audio)
    expect(Buffer.concat([last.audio(), after.audio()]).equals(Buffer.concat(made))).toBe(true)
  })

  test('that is never answered costs a connection, not the next utterance', async () => {
    const { clock, service, session } = await scene({ cleared: 'missing' })
    const first = say(session, long)
    await clock.runUntil(first.begun)
    first.input.cancel()
    const began = clock.now()
    const next = say(session, 'Two.')
    await clock.runUntil(next.begun)
    expect(clock.now() - began).toBeLessThan(1500)
    expect(await clock.runUntil(next.ended)).toEqual({ kind: 'done' })
    expect(service.opened).toBe(2)
  })
})

describe('connections', () => {
  test('one that idles out while the phone rings is made again; later the next utterance makes it', async () => {
    const { clock, service, session } = await scene({ idleTimeoutMs: 10_000 })
    await clock.runUntil(session.ready)
    await clock.advance(65_000)
    expect({ opened: service.opened, open: service.connections }).toEqual({ opened: 7, open: 1 })
    expect(await clock.runUntil(say(session, 'One.').ended)).toEqual({ kind: 'done' })
    await clock.advance(300_000)
    expect({ opened: service.opened, open: service.connections }).toEqual({ opened: 7, open: 0 })
    expect(await clock.runUntil(say(session, 'Two.').ended)).toEqual({ kind: 'done' })
    expect(service.opened).toBe(8)
    await clock.runUntil(session.close())
  })

  test('one that is an hour old is replaced before it ends, between two utterances', async () => {
    const { clock, service, session } = await scene({ idleTimeoutMs: Number.POSITIVE_INFINITY })
    await clock.runUntil(say(session, 'One.').ended)
    await clock.advance(56 * 60_000)
    expect({ opened: service.opened, open: service.connections }).toEqual({ opened: 2, open: 1 })
    expect(await clock.runUntil(say(session, 'Two.').ended)).toEqual({ kind: 'done' })
    await clock.runUntil(session.close())
    expect(service.faults).toEqual([])
  })

  test('also while one utterance after the other is spoken', async () => {
    const { clock, service, session } = await scene({ idleTimeoutMs: Number.POSITIVE_INFINITY })
    await clock.runUntil(say(session, 'One.').ended)
    await clock.advance(55 * 60_000 - 3000)
    const texts = Array.from({ length: 12 }, (_, index) => `Sentence ${index} is neither long nor short.`)
    const all = texts.map((text) => say(session, text))
    for (const one of all) expect(await clock.runUntil(one.ended)).toEqual({ kind: 'done' })
    const connections = service.spoken.map(({ connection }) => connection)
    expect(new Set(connections)).toEqual(new Set([1, 2]))
    expect(connections).toEqual(connections.toSorted())
    expect(
      Buffer.concat(all.map((one) => one.audio())).equals(
        Buffer.concat(service.spoken.slice(1).map(({ audio }) => audio)),
      ),
    ).toBe(true)
    await clock.runUntil(session.close())
    expect(service.faults).toEqual([])
  })

  test('one that ends after Flushed, or in order after enough audio, is no loss', async () => {
    const quick = { chunks: { kind: 'whole' }, deliveryRate: Number.POSITIVE_INFINITY } as const
    for (const [behaviour, how, end] of [
      [{}, 'abrupt', { kind: 'done' }],
      [{ flushed: 'missing' }, { code: 1000 }, { kind: 'done', unconfirmed: true }],
      [{ flushed: 'missing' }, 'abrupt', { kind: 'failed', error: { code: 'speech.lost' } }],
    ] as const) {
      const { clock, service, session } = await scene({ ...quick, ...behaviour })
      const heard = say(session, 'Hello.')
      await clock.runUntil(heard.begun)
      await clock.advance(100)
      service.dropAll(how)
      expect(await clock.runUntil(heard.ended)).toMatchObject(end)
      await clock.runUntil(session.close())
    }
  })

  test('a network that is silently gone is noticed by pings within 15 s', async () => {
    const { clock, service, session } = await scene()
    await clock.runUntil(session.ready)
    await clock.advance(20_000)
    service.strike({ kind: 'freeze' })
    await clock.advance(15_000)
    expect(service.opened).toBe(2)
    expect(await clock.runUntil(say(session, 'Hello.').ended)).toEqual({ kind: 'done' })
    await clock.runUntil(session.close())
  })

  test.each<Happening>([
    { kind: 'drop' },
    { kind: 'drop', reset: true },
    { kind: 'close', code: 1011 },
    { kind: 'fatal', code: 'NET-0000' },
    { kind: 'fatal', code: 'NET-0001' },
    { kind: 'fatal', code: 'NET-0003' },
    { kind: 'fatal', code: 'DATA-0001' },
    { kind: 'fatal', code: 'BIG-0001' },
    { kind: 'error', code: 'NET-0000' },
  ])('lost before any audio the text is said again, once, on another; amid audio it fails: %j', async (what) => {
    const before = await scene({ closeReason: 'sentence', ...at('flush', what), buffering: 'flush' })
    const whole = say(before.session, long)
    expect(await before.clock.runUntil(whole.ended)).toEqual({ kind: 'done' })
    expect(whole.audio().equals(Buffer.from(before.service.spoken.at(-1)?.audio ?? []))).toBe(true)
    expect(before.service.opened).toBe(2)
    await before.clock.runUntil(before.session.close())

    const amid = await scene(at('audio', what, { nth: 3 }))
    const cut = say(amid.session, long)
    const next = say(amid.session, 'Two.')
    expect(await amid.clock.runUntil(cut.ended)).toMatchObject({ kind: 'failed', error: { retryable: true } })
    expect(cut.chunks).toBe(3)
    expect(await amid.clock.runUntil(next.ended)).toEqual({ kind: 'done' })
    await amid.clock.runUntil(amid.session.close())
  })

  test('a text that is lost twice fails with what became of the connection', async () => {
    const lost = { at: 'speak', what: { kind: 'fatal', code: 'NET-0002' } } as const
    const { clock, service, session } = await scene({ incidents: [lost] })
    const heard = say(session, 'Hello.')
    expect(await clock.runUntil(heard.ended)).toMatchObject({ error: { code: 'speech.lost', message: /NET-0002/ } })
    expect(service.opened).toBe(2)
  })

  test('a service that knows our messages no more is not asked again', async () => {
    const { clock, service, session } = await scene(at('speak', { kind: 'fatal', code: 'DATA-0000' }))
    expect(await clock.runUntil(say(session, 'One.').ended)).toMatchObject({ error: { code: 'speech.refused' } })
    expect(await clock.runUntil(say(session, 'Two.').ended)).toMatchObject({ error: { code: 'speech.refused' } })
    await clock.advance(60_000)
    expect(service.opened).toBe(1)
  })

  test('what becomes of connections is told', async () => {
    const events: SpeechEvent[] = []
    const { clock, service, session } = await scene(
      {},
      { events: (event) => void events.push(event) },
      { name: 'deepgram@eu' },
    )
    await clock.runUntil(session.ready)
    service.behaviour.handshake = { httpStatus: 503 }
    service.dropAll()
    await clock.advance(300)
    service.behaviour.handshake = 'answer'
    await clock.advance(1000)
    await clock.runUntil(session.close())
    expect(events.map(({ type }) => type)).toEqual([
      'connected',
      'disconnected',
      'connection-error',
      'connected',
      'disconnected',
    ])
    expect(events.map((event) => ('error' in event ? event.error?.code : ''))).toEqual([
      '',
      'speech.lost',
      'speech.unavailable',
      '',
      undefined,
    ])
    for (const event of events) expect(event).toMatchObject({ provider: 'deepgram@eu' })
  })

  test('nothing is left of a session after its close: no socket, no timer', async () => {
    const { clock, service, session } = await scene()
    const writer = say(session, long)
    record(session, ['More.'])
    await clock.runUntil(writer.begun)
    await clock.runUntil(session.close())
    for (let i = 0; service.connections > 0 && i < 100; i++) await clock.advance(10)
    expect(service.connections).toBe(0)
    await expect(clock.runUntil(new Promise(() => {}), { realMs: 50 })).rejects.toThrow('nothing is scheduled')
  })
})

describe('silence', () => {
  test('no audio for 10 s, and 5 s of it amid a text, have stalled; the next is spoken on another connection', async () => {
    const { clock, service, session } = await scene({ firstAudioDelayMs: 60_000 })
    await clock.runUntil(session.ready)
    const began = clock.now()
    const nothing = say(session, long)
    expect(await clock.runUntil(nothing.ended)).toMatchObject({ error: { code: 'speech.stalled', retryable: true } })
    expect(clock.now() - began).toBe(10_000)
    service.behaviour.firstAudioDelayMs = 100
    expect(await clock.runUntil(say(session, 'Two.').ended)).toEqual({ kind: 'done' })
    expect(service.opened).toBe(2)

    const amid = await scene(at('audio', { kind: 'stuck' }, { nth: 2 }))
    const cut = say(amid.session, long)
    await amid.clock.runUntil(cut.begun)
    const cutAt = amid.clock.now()
    expect(await amid.clock.runUntil(cut.ended)).toMatchObject({ error: { code: 'speech.stalled' } })
    expect(amid.clock.now() - cutAt).toBeLessThan(7000)
  })

  test('a Flushed that turns out to be early is relied on no more', async () => {
    // The first chunk of so short a text might be all of it.
    const { clock, service, session } = await scene({
      chunks: { kind: 'random', seed: 1, minBytes: 3000, maxBytes: 3000 },
    })
    await clock.runUntil(say(session, 'Hello you.').ended)
    service.behaviour.flushed = 'early'
    const cut = say(session, 'Hello you.')
    expect(await clock.runUntil(cut.ended)).toEqual({ kind: 'done' })
    // Its end was believed, and the rest of it is nobody's.
    expect(cut.chunks).toBe(1)
    await clock.advance(3000)
    const heard = say(session, 'Hello you.')
    expect(await clock.runUntil(heard.ended)).toEqual({ kind: 'done', unconfirmed: true })
    expect(heard.audio().equals(Buffer.from(service.spoken.at(-1)?.audio ?? []))).toBe(true)
  })

  test('a Flushed that comes twice does not end the next one, which was sent ahead', async () => {
    const { clock, service, session, provider } = await scene({ flushed: 'twice' })
    // To learn that Flushed is the last of an utterance.
    await clock.runUntil(say(session, 'Hello.').ended)
    const speaking = provider.open({ signal: new AbortController().signal })
    const texts = ['One', 'Two', 'Three'].map((number) => `${number}. ${long}`)
    const all = texts.map((text) => say(speaking, text))
    for (const one of all) await clock.runUntil(one.ended)
    for (const [index, one] of all.entries()) {
      const made = service.spoken.slice(1 + 2 * index, 3 + 2 * index).map(({ audio }) => audio)
      expect(one.audio().equals(Buffer.concat(made))).toBe(true)
      expect(one.ends).toEqual([{ kind: 'done' }])
    }
    await clock.runUntil(speaking.close())
  })

  test('of a text in parts, one part whose end was not told leaves the end of the whole unconfirmed', async () => {
    const { clock, service, session } = await scene({ flushed: 'missing' })
    const heard = record(session, ['One is long enough.'])
    await clock.advance(8000)
    service.behaviour.flushed = 'at-end'
    heard.input.push('And this is the second.')
    heard.input.end()
    expect(await clock.runUntil(heard.ended)).toEqual({ kind: 'done', unconfirmed: true })

    service.behaviour.flushed = 'missing'
    const all = record(session, ['One is long enough.'])
    await clock.advance(8000)
    all.input.end()
    expect(await clock.runUntil(all.ended)).toEqual({ kind: 'done', unconfirmed: true })
  })

  test('without Flushed an utterance is done 3 s after its audio, and late audio is not taken for the next one’s', async () => {
    const { clock, session, sent } = await scene({ flushed: 'missing' })
    const heard = say(session, 'One is long enough.')
    expect(await clock.runUntil(heard.ended)).toEqual({ kind: 'done', unconfirmed: true })
    await clock.advance(0)
    expect(sent()).toEqual(['Speak:One is long enough. ', 'Flush', 'Clear'])
  })
})

describe('a handshake that is refused', () => {
  test.each([
    [400, 'speech.refused', /DEEPGRAM_VOICE/],
    [401, 'speech.refused', /DEEPGRAM_API_KEY/],
    [402, 'speech.refused', /credit/],
    [403, 'speech.refused', /role/],
    [404, 'speech.refused', /DEEPGRAM_URL/],
    [413, 'speech.refused', /too much/],
    [415, 'speech.refused', /kind of message/],
  ] as const)(
    'with %i rejects ready at once, fails what is said, and is not tried again',
    async (httpStatus, code, message) => {
      const { clock, service, session } = await scene({ handshake: { httpStatus } })
      const heard = say(session, 'Hello.')
      const error = await clock.runUntil(session.ready.catch((thrown: unknown) => thrown))
      expect(error).toMatchObject({
        code,
        retryable: false,
        message,
        details: { httpStatus, requestId: /^[0-9a-f-]{36}$/ },
      })
      expect(await clock.runUntil(heard.ended)).toMatchObject({ kind: 'failed', error: { code } })
      await clock.advance(30_000)
      expect(await clock.runUntil(say(session, 'Two.').ended)).toMatchObject({ error: { code } })
      expect(service.opened).toBe(0)
      expect(inspect([error, heard.ends], { depth: 20, showHidden: true })).not.toContain(service.apiKey)
    },
  )

  test.each([
    [429, 'speech.busy'],
    [500, 'speech.unavailable'],
    [503, 'speech.unavailable'],
  ] as const)('with %i is tried again, and given up after 15 s', async (httpStatus, code) => {
    const passing = await scene({ handshake: { httpStatus } })
    passing.clock.after(3000, () => {
      passing.service.behaviour.handshake = 'answer'
    })
    expect(await passing.clock.runUntil(passing.session.ready)).toBeUndefined()

    const lasting = await scene({ handshake: { httpStatus } })
    const error = await lasting.clock.runUntil(lasting.session.ready.catch((thrown: unknown) => thrown))
    expect(error).toMatchObject({ code, retryable: true })
    lasting.service.behaviour.handshake = 'answer'
    expect(await lasting.clock.runUntil(say(lasting.session, 'Hello.').ended)).toEqual({ kind: 'done' })
  })

  test('is tried again for ready too, when what was said has been cancelled meanwhile', async () => {
    const { clock, service, session } = await scene({ handshake: { httpStatus: 503 } })
    say(session, 'Hello.').input.cancel()
    await clock.advance(1000)
    service.behaviour.handshake = 'answer'
    expect(await clock.runUntil(session.ready)).toBeUndefined()
  })

  test.each([
    [{ apiKey: 'wrong_key' }, /DEEPGRAM_API_KEY.*INVALID_AUTH/],
    [{ voice: 'aura-2-nobody-en' }, /DEEPGRAM_VOICE/],
  ])('a wrong setting says which one it is: %j', async (settings, message) => {
    const { clock, session } = await scene({}, {}, settings)
    const error = await clock.runUntil(session.ready.catch((thrown: unknown) => thrown))
    expect(error).toMatchObject({ code: 'speech.refused', message })
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('wrong_key')
  })
})
