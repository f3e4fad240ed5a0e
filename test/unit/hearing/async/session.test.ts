import { expect, onTestFinished, test } from 'vitest'
import { encodeMulaw, silence } from '../../../../src/audio/mulaw.ts'
import { createEncoder } from '../../../../src/hearing/async/encoder.ts'
import { createAsyncRecognizer } from '../../../../src/hearing/async/recognizer.ts'
import type { Log } from '../../../../src/ops/logger.ts'
import type { ListenBehaviour } from '../../../../src/simulator/async/listen/behaviour.ts'
import { startAsyncService } from '../../../../src/simulator/async/service.ts'
import { createSteppedClock } from '../../../../src/simulator/clock.ts'
import { openRecorded } from '../../../contract/heard-recorder.ts'

const frameBytes = 160
/** A voice that never repeats itself, so that lost or doubled sound would be seen. */
const voiceAt = (frame: number) =>
  encodeMulaw(Int16Array.from({ length: frameBytes }, (_, n) => 8000 * Math.sin((frame * frameBytes + n) ** 1.01 / 4)))

/** Silence with a number in it, too faint to be a voice. */
const quietAt = (frame: number) =>
  Uint8Array.from({ length: frameBytes }, (_, n) => ((frame >> n) & 1 ? silence - 1 : silence))

async function stage(behaviour: Partial<ListenBehaviour> = {}, apiKey?: string) {
  const clock = createSteppedClock()
  const service = await startAsyncService({ clock, listening: behaviour })
  const { listening } = service
  const recognizer = createAsyncRecognizer({ url: service.url, apiKey: apiKey ?? service.apiKey }, { clock })
  const logged: unknown[] = []
  const log: Log = { warn: (...line) => void logged.push(line), debug: (...line) => void logged.push(line) }
  const { recorder, session } = openRecorded(recognizer, {
    signal: new AbortController().signal,
    language: 'en-US',
    log,
  })
  onTestFinished(async () => {
    await clock.runUntil(session.close())
    await service.close()
  })
  const pushed: Uint8Array[] = []
  async function feed(ms: number, make: (frame: number) => Uint8Array) {
    for (let sent = 0; sent < ms; sent += 20) {
      const bytes = make(pushed.length)
      pushed.push(bytes)
      session.audio(Buffer.from(bytes).toString('base64'))
      await clock.advance(20)
    }
  }
  return {
    clock,
    service,
    listening,
    recorder,
    session,
    logged,
    /** All that was pushed from a frame on, as Async is to get it. */
    encoded: (fromFrame = 0) => Buffer.concat(createEncoder().push(Buffer.concat(pushed.slice(fromFrame)))),
    voice: (ms: number) => feed(ms, voiceAt),
    quiet: (ms: number) => feed(ms, quietAt),
  }
}

test('sound goes out as PCM16 in frames of 250 ms, with the language of the call, and the client makes no fault', async () => {
  const { listening, voice, encoded, clock, session } = await stage()
  await voice(2000)
  await clock.runUntil(session.close())
  expect(listening.sockets[0]?.audio().equals(encoded())).toBe(true)
  expect(listening.sockets[0]?.audioBytes).toBe(8 * 8000)
  expect(listening.sockets[0]?.settings).toEqual({ model: 'async_asr_v1.0', language: 'en', sampleRateHz: 16_000 })
  expect(listening.received.map(({ kind }) => kind)).toEqual(['finish'])
  expect(listening.faults).toEqual([])
})

test('what was said before the connection stood is sent first', async () => {
  const { listening, voice, encoded, service } = await stage()
  service.behaviour.handshakeDelayMs = 700
  await voice(2000)
  expect(listening.sockets[0]?.audio().equals(encoded())).toBe(true)
})

test('final texts amid speech are one utterance, which ends when the line falls silent', async () => {
  const { listening, voice, quiet, recorder } = await stage({ latencyMs: 0, endpointMs: 200 })
  listening.hear({ text: '', parts: ['I want to', 'move it', 'to Tuesday'], wordMs: 200 })
  await voice(1600)
  expect(recorder.texts('final')).toEqual(['I want to', 'move it'])
  expect(recorder.texts('utterance')).toEqual([])
  await quiet(600)
  expect(recorder.texts('utterance')).toEqual(['I want to move it to Tuesday'])
  expect(recorder.breaches).toEqual([])
})

test('on a line that is never silent the end is 2.5 s behind the last word', async () => {
  const { listening, voice, recorder } = await stage({ latencyMs: 0 })
  listening.hear({ text: 'the second one', wordMs: 200 })
  await voice(3000)
  expect(recorder.texts('utterance')).toEqual([])
  await voice(400)
  expect(recorder.texts('utterance')).toEqual(['the second one'])
  expect(listening.received).toEqual([])
})

test('a final text that does not come is asked for, once, behind a second of silence, and the next words go elsewhere', async () => {
  const { listening, voice, quiet, recorder, encoded } = await stage({ finals: 'when-asked', interims: 'changing' })
  listening.hear({ text: 'move it', wordMs: 300 })
  await voice(600)
  await quiet(800)
  expect(listening.received).toEqual([])
  await quiet(800)
  expect(recorder.texts('final')).toEqual(['move it'])
  expect(recorder.texts('utterance')).toEqual(['move it'])
  expect(listening.received.map(({ kind }) => kind)).toEqual(['finish'])
  listening.hear('to Tuesday')
  await voice(600)
  await quiet(2000)
  expect(recorder.texts('utterance')).toEqual(['move it', 'to Tuesday'])
  expect(listening.sockets.map(({ open }) => open)).toEqual([false, false, true])
  const [first = 0, second = 0] = listening.sockets.map(({ audioBytes }) => audioBytes / 640)
  // All that was said by then, and not only what filled a frame of 250 ms: the last change was told at 850 ms.
  expect([92, 93, 94]).toContain(first)
  expect(listening.sockets[1]?.audio().equals(encoded(first).subarray(0, second * 640))).toBe(true)
  expect(listening.faults).toEqual([])
})

test('a final text that is asked for and never comes is the last that was told', async () => {
  const { listening, voice, quiet, recorder } = await stage({ finals: 'never' })
  listening.hear('move it')
  await voice(600)
  await quiet(2400)
  expect(recorder.texts('final')).toEqual([])
  expect(recorder.texts('utterance')).toEqual(['move it'])
})

test('a final text that is late beyond patience is not told a second time', async () => {
  const { listening, voice, quiet, recorder } = await stage({ finals: 'when-asked', lastReplyMs: 900 })
  listening.hear('move it')
  await voice(600)
  await quiet(5000)
  expect(recorder.texts('utterance')).toEqual(['move it'])
})

test('a cut in the middle of a sentence loses no word: what was not told is sent again', async () => {
  const { listening, voice, quiet, recorder, encoded, clock } = await stage({ latencyMs: 0, endpointMs: 0 })
  listening.hear({ text: '', parts: ['I want to', 'move it to Tuesday'], wordMs: 250 })
  await voice(1600)
  expect(recorder.texts('final')).toEqual(['I want to'])
  listening.strike({ kind: 'drop' })
  await clock.advance(0)
  // At the cut 1,500 ms were sent; the first part was told when 750 ms were.
  listening.hear({ text: 'move it to Tuesday', atMs: 0, wordMs: 250 })
  await voice(1000)
  await quiet(500)
  expect(recorder.texts('utterance')).toEqual(['I want to move it to Tuesday'])
  // Frames of 20 ms are kept whole: the one in which the first part ended comes with the rest.
  const second = listening.sockets[1]?.audio() ?? Buffer.alloc(0)
  expect(second.equals(encoded(37).subarray(0, second.length))).toBe(true)
  expect(recorder.breaches).toEqual([])
})

test('several final texts that come only when asked, one after the other, are all of the utterance', async () => {
  const { listening, voice, quiet, recorder } = await stage({ finals: 'never', afterFinish: 'stays-open' })
  listening.hear('I want two')
  await voice(900)
  while (listening.received.length === 0) await quiet(20)
  for (const transcript of ['I want to', 'move it']) {
    await quiet(60)
    listening.send(JSON.stringify({ type: 'done', transcript }))
  }
  await quiet(500)
  expect(recorder.texts('final')).toEqual(['I want to', 'move it'])
  expect(recorder.texts('utterance')).toEqual(['I want to move it'])
})

test('an utterance that ends while there is no connection is not heard again on the next', async () => {
  const { listening, voice, quiet, recorder, encoded } = await stage()
  listening.hear('one two three')
  await voice(1000)
  listening.behaviour.refuse = 503
  listening.strike({ kind: 'drop' })
  await quiet(1500)
  expect(recorder.texts('utterance')).toEqual(['one two'])
  listening.behaviour.refuse = undefined
  await quiet(3000)
  const second = listening.sockets[1]?.audio() ?? Buffer.alloc(0)
  // The end was found a second behind the last change, which was told at 850 ms.
  const begins = [92, 93, 94, 95].filter((frame) => encoded(frame).subarray(0, second.length).equals(second))
  expect([begins.length, second.length > 0]).toEqual([1, true])
  expect(recorder.texts('utterance')).toEqual(['one two'])
})

test.each(['drop', 'close', 'error'] as const)(
  '%s amid a sentence, with nobody there any more, tells what was heard and fails',
  async (how) => {
    const { listening, voice, recorder } = await stage()
    listening.hear('one two three four five six')
    await voice(1000)
    listening.behaviour.refuse = 503
    if (how === 'close') listening.strike({ kind: how, code: 1011 })
    else if (how === 'error') listening.strike({ kind: how, code: 'INTERNAL_SERVER_ERROR' })
    else listening.strike({ kind: how })
    await voice(5500)
    expect(recorder.texts('utterance')).toEqual(['one two'])
    expect(recorder.failure).toMatchObject({ code: 'hearing.unavailable', retryable: true })
  },
)

test('a recognizer that dies amid a sentence, and stays dead, is told after five seconds of voice', async () => {
  const { listening, voice, quiet, recorder } = await stage()
  listening.hear('one two three four five six')
  await voice(1000)
  listening.behaviour.deaf = true
  await voice(3000)
  expect(recorder.texts('utterance')).toEqual(['one two'])
  await quiet(20_000)
  expect(recorder.failure).toBeUndefined()
  await voice(5000)
  expect(recorder.failure).toMatchObject({ code: 'hearing.lost', details: { reason: 'stalled' } })
})

test('a service that tells no final text, but words all the same, listens', async () => {
  const { listening, voice, quiet, recorder } = await stage({ finals: 'never' })
  listening.hear('move it')
  await voice(600)
  await quiet(2400)
  listening.hear('one two three four five six seven eight nine ten and so on until I am tired of it all')
  await voice(6600)
  await quiet(2400)
  expect(recorder.failure).toBeUndefined()
  expect(recorder.texts('utterance')).toHaveLength(2)
})

test('what was said long before a connection is made anew is not sent to it', async () => {
  const { listening, voice, quiet, clock, encoded } = await stage()
  await voice(1000)
  await clock.advance(2_000)
  listening.strike({ kind: 'drop' })
  await clock.advance(10_000)
  await quiet(1000)
  expect(listening.sockets).toHaveLength(2)
  expect(listening.sockets[1]?.audio().equals(encoded(50))).toBe(true)
})

test('a pause of the audio lets the connection go, and what comes then is heard on another', async () => {
  const { listening, quiet, clock, recorder } = await stage()
  await quiet(500)
  await clock.advance(300_000)
  expect(listening.sockets.map(({ open }) => open)).toEqual([false])
  await quiet(100)
  listening.hear('hello')
  await quiet(2000)
  expect(recorder.texts('utterance')).toEqual(['hello'])
  expect(listening.sockets).toHaveLength(2)
})

test.each(['http-401', 'close', 'error-frame'] as const)(
  'a wrong key, refused by %s, fails at once, and stands in no error and no log',
  async (badKey) => {
    const key = 'sk_wrong_key_of_the_test'
    const { session, clock, recorder, logged, listening } = await stage({ badKey }, key)
    await expect(clock.runUntil(session.ready)).rejects.toMatchObject({ code: 'hearing.refused' })
    await clock.advance(20_000)
    expect(recorder.failure?.message).toContain('ASYNC_API_KEY')
    const { failure } = recorder
    expect(
      JSON.stringify([failure?.message, failure?.details, failure?.stack, String(failure?.cause), logged]),
    ).not.toContain('sk_wrong')
    expect(listening.faults.map(({ code }) => code)).toEqual(['bad-key'])
  },
)

test.each(['flat', 'detail', 'typed'] as const)('an error told as %s says what is wrong', async (errorForm) => {
  const { listening, voice, recorder } = await stage({ errorForm })
  await voice(300)
  listening.strike({ kind: 'error', code: 'USAGE_LIMIT_EXCEEDED' })
  await voice(100)
  expect(recorder.failure).toMatchObject({ code: 'hearing.refused', details: { asyncCode: 'USAGE_LIMIT_EXCEEDED' } })
})

test('a session that is closed from within what it tells, tells nothing more and leaves nothing', async () => {
  for (const last of ['started', 'interim', 'final', 'utterance'] as const) {
    const clock = createSteppedClock()
    const service = await startAsyncService({ clock, listening: { finals: 'when-asked' } })
    const types: string[] = []
    const before = clock.timers
    const session = createAsyncRecognizer({ url: service.url, apiKey: service.apiKey }, { clock }).open({
      signal: new AbortController().signal,
      heard({ type }) {
        types.push(type)
        if (type === last) void session.close()
      },
    })
    service.listening.hear('yes')
    for (let frame = 0; frame < 20; frame++) {
      session.audio(Buffer.alloc(1600, silence).toString('base64'))
      await clock.advance(200)
    }
    await clock.runUntil(session.close())
    expect([types.at(-1), types.filter((type) => type === last).length]).toEqual([last, 1])
    await clock.advance(2000)
    expect(clock.timers).toBe(before)
    await service.close()
  }
})
