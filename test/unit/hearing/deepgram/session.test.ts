import { expect, onTestFinished, test } from 'vitest'
import { createDeepgramRecognizer } from '../../../../src/hearing/deepgram/recognizer.ts'
import { createSteppedClock } from '../../../../src/simulator/clock.ts'
import type { ListenBehaviour } from '../../../../src/simulator/deepgram/listen/behaviour.ts'
import { startDeepgramService } from '../../../../src/simulator/deepgram/service.ts'
import { framesIn, openStage } from './session-stage.ts'

async function stage(listening: Partial<ListenBehaviour> = {}) {
  const opened = await openStage({ listening })
  return { ...opened, listening: opened.service.listening }
}

test('audio goes through as it came, byte for byte, as binary frames, and the client makes no fault', async () => {
  const { listening, audio, clock, session } = await stage()
  await audio(2000)
  await clock.runUntil(session.close())
  expect(framesIn(listening.sockets[0]?.audio())).toEqual(Array.from({ length: 100 }, (_, n) => n))
  expect(listening.sockets[0]?.settings).toMatchObject({ model: 'nova-3', language: 'en', keyterms: ['second'] })
  expect(listening.received.map(({ kind }) => kind)).toEqual(['close-stream'])
  expect(listening.faults).toEqual([])
})

test('while no audio comes a KeepAlive goes out every four seconds', async () => {
  const { listening, audio, clock } = await stage()
  await audio(100)
  const began = clock.now()
  await clock.advance(20_500)
  expect(listening.received.map(({ kind, atMs }) => [kind, Math.round((atMs - began) / 1000)])).toEqual(
    [4, 8, 12, 16, 20].map((second) => ['keep-alive', second]),
  )
  expect([listening.sockets.length, listening.faults]).toEqual([1, []])
})

test('audio keeps the KeepAlive away', async () => {
  const { listening, audio } = await stage()
  await audio(13_000, 200)
  expect(listening.received).toEqual([])
})

test('without audio the connection is given up, and made again when audio comes', async () => {
  const { listening, audio, clock, recorder } = await stage()
  await clock.advance(60_000)
  expect(listening.sockets.map(({ open }) => open)).toEqual([false])
  await audio(200)
  expect(listening.sockets.map(({ open }) => open)).toEqual([false, true])
  expect(recorder.failure).toBeUndefined()
})

test('a cut in the middle of a sentence loses no word and tells none twice: what was not told is sent again', async () => {
  const { listening, audio, clock, recorder } = await stage({ latencyMs: 0 })
  await audio(1000)
  listening.hear({ text: '', parts: ['I want to', 'move it to Tuesday'], wordMs: 200 })
  await audio(1000)
  expect(recorder.texts('final')).toEqual(['I want to'])
  listening.strike({ kind: 'drop' })
  await clock.advance(0)
  // What the next connection gets begins at 1,600 ms, behind the first part, and so does the rest of the saying in it.
  listening.hear({ text: 'move it to Tuesday', atMs: 0, wordMs: 200 })
  await audio(2000)
  expect(recorder.texts('utterance')).toEqual(['I want to move it to Tuesday'])
  expect(recorder.breaches).toEqual([])
  expect(listening.sockets[1]?.audio().readUInt32BE(0)).toBe(80)
})

test('an endpoint that never comes is concluded from silence, 2.5 s behind the last word, and asked for', async () => {
  const { listening, audio, recorder } = await stage({ endpoint: 'never', latencyMs: 0 })
  listening.hear({ text: 'the second one', wordMs: 300 })
  await audio(3100, 100)
  expect(recorder.texts('utterance')).toEqual([])
  await audio(300, 100)
  expect(recorder.texts('utterance')).toEqual(['the second one'])
  expect(listening.received.map(({ kind }) => kind)).toEqual(['finalize'])
})

test('a recognizer that dies amid a sentence tells what was heard, and then that it failed', async () => {
  const { listening, audio, recorder } = await stage()
  listening.hear('one two three four five six')
  await audio(1000, 100)
  listening.strike({ kind: 'stuck' })
  listening.behaviour.deaf = true
  await audio(3000, 100)
  expect(recorder.texts('utterance')).toEqual(['one two three'])
  await audio(12_000, 100)
  expect(recorder.failure).toMatchObject({ code: 'hearing.lost', details: { reason: 'stalled' } })
  expect(listening.sockets.length).toBe(2)
})

test('a recognizer that was deaf on one connection only is heard again on the next', async () => {
  const { listening, audio, recorder } = await stage()
  listening.hear('one two three four')
  await audio(1000, 100)
  listening.strike({ kind: 'stuck' })
  await audio(10_000, 100)
  listening.hear('again')
  await audio(3000, 100)
  expect(recorder.texts('utterance').at(-1)).toBe('again')
  expect(recorder.failure).toBeUndefined()
})

test('two connections that go deaf are no end where the service was heard in between', async () => {
  const { listening, audio, recorder } = await stage()
  for (const text of ['one two three four', 'five six seven eight', 'nine ten eleven twelve']) {
    listening.hear(text)
    await audio(1000, 100)
    listening.strike({ kind: 'stuck' })
    await audio(10_000, 100)
  }
  listening.hear('again')
  await audio(3000, 100)
  expect(recorder.texts('utterance').at(-1)).toBe('again')
  expect([listening.sockets.length, recorder.failure]).toEqual([4, undefined])
})

test('a session that is closed from within what it tells, tells nothing more', async () => {
  const clock = createSteppedClock()
  const service = await startDeepgramService({ clock })
  onTestFinished(() => service.close())
  const { url, apiKey, listening } = service
  const types: string[] = []
  const session = createDeepgramRecognizer({ url, apiKey }, { clock }).open({
    signal: new AbortController().signal,
    heard({ type }) {
      types.push(type)
      if (type === 'final') void session.close()
    },
  })
  listening.hear('yes')
  session.audio(Buffer.alloc(16_000, 0xff).toString('base64'))
  await clock.advance(1000)
  session.audio(Buffer.alloc(16_000, 0xff).toString('base64'))
  await clock.advance(5000)
  expect([types.at(-1), types.includes('utterance')]).toEqual(['final', false])
  await clock.runUntil(session.close())
})

test.each([401, 403, 400] as const)('status %i fails at once and is not tried again', async (status) => {
  const { listening, session, clock, recorder } = await stage()
  listening.behaviour.refuse = status
  await expect(clock.runUntil(session.ready)).rejects.toMatchObject({ code: 'hearing.refused' })
  await clock.advance(20_000)
  expect(listening.sockets).toEqual([])
  expect(recorder.events.map(({ type }) => type)).toEqual(['failed'])
})

test.each([
  [429, 'hearing.busy'],
  [503, 'hearing.unavailable'],
] as const)('status %i is tried again, and told as %s after five seconds', async (status, code) => {
  const { listening, session, clock, recorder, audio } = await stage({ refuse: status })
  await audio(4800, 200)
  expect(recorder.events).toEqual([])
  await audio(400, 200)
  await expect(session.ready).rejects.toMatchObject({ code })
  expect(recorder.failure).toMatchObject({ code, retryable: true })
  listening.behaviour.refuse = undefined
  await audio(5000, 200)
  await clock.advance(20_000)
  expect(listening.sockets).toEqual([])
})

test('a handshake that is never answered is told after five seconds', async () => {
  const { service, recorder, clock } = await stage()
  service.behaviour.handshake = 'never'
  await clock.advance(5200)
  expect(recorder.failure).toMatchObject({ code: 'hearing.unavailable' })
})

test('audio of a connection that froze is heard on the next', async () => {
  const { listening, audio, recorder } = await stage()
  await audio(1000, 100)
  listening.strike({ kind: 'freeze' })
  await audio(16_000, 200)
  listening.hear('hello')
  await audio(3000, 200)
  expect(recorder.texts('utterance')).toEqual(['hello'])
  expect(listening.sockets.map(({ open }) => open).at(-1)).toBe(true)
})
