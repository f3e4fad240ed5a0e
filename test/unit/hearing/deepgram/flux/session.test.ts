import { expect, test } from 'vitest'
import type { TurnBehaviour } from '../../../../../src/simulator/deepgram/flux/behaviour.ts'
import { framesIn, openStage } from '../session-stage.ts'

async function stage(turns: Partial<TurnBehaviour> = {}) {
  const opened = await openStage({ turns }, 'flux-general-en')
  return { ...opened, turns: opened.service.turns }
}

test('audio goes through as it came, in packets of 80 ms, and the client makes no fault', async () => {
  const { turns, audio, clock, session, service } = await stage()
  await clock.runUntil(session.ready)
  await audio(60)
  expect(turns.sockets[0]?.audioBytes).toBe(0)
  await audio(20)
  expect(turns.sockets[0]?.audioBytes).toBe(640)
  await audio(1960)
  await clock.runUntil(session.close())
  expect(framesIn(turns.sockets[0]?.audio())).toEqual(Array.from({ length: 100 }, (_, n) => n))
  expect(turns.sockets[0]?.settings).toMatchObject({
    model: 'flux-general-en',
    keyterms: ['second'],
    eagerThreshold: undefined,
    endTimeoutMs: 2000,
  })
  expect(turns.received.map(({ kind }) => kind)).toEqual(['close-stream'])
  expect([turns.faults, service.listening.sockets]).toEqual([[], []])
})

test('pings keep a connection without audio: nothing else is sent, and no other is made', async () => {
  const { turns, clock, recorder } = await stage()
  await clock.advance(200_000)
  expect([turns.sockets.map(({ open }) => open), turns.received, turns.faults]).toEqual([[true], [], []])
  expect(recorder.failure).toBeUndefined()
})

test('an end that is taken back is no end', async () => {
  const { turns, audio, recorder } = await stage({ eager: 'always' })
  turns.hear({ text: '', parts: ['move it', 'to Tuesday'], wordMs: 200 })
  await audio(3000, 100)
  expect(recorder.texts('utterance')).toEqual(['move it to Tuesday'])
  expect(recorder.texts('final')).toEqual(['move it to Tuesday'])
})

test('a cut in the middle of a turn loses no word and tells none twice: the turn is heard again', async () => {
  const { turns, audio, clock, recorder } = await stage({ latencyMs: 0 })
  turns.hear('yes')
  await audio(2000)
  turns.hear({ text: 'move it to Tuesday', wordMs: 200 })
  await audio(480)
  expect(recorder.texts('interim').at(-1)).toBe('move it')
  turns.strike({ kind: 'drop' })
  await clock.advance(0)
  // The turn before ended at 550 ms, in the packet that goes from 480 to 560: from there on all is sent again.
  turns.hear({ text: 'move it to Tuesday', atMs: 1440, wordMs: 200 })
  await audio(2000)
  expect(recorder.texts('utterance')).toEqual(['yes', 'move it to Tuesday'])
  expect(recorder.breaches).toEqual([])
  expect(turns.sockets[1]?.audio().readUInt32BE(0)).toBe(24)
})

test('a turn longer than what is kept is not heard again: what was said of it stays, and the rest is put behind it', async () => {
  const { turns, audio, clock, recorder } = await stage({ latencyMs: 0 })
  turns.hear({ text: Array.from({ length: 40 }, (_, n) => `w${n}`).join(' '), wordMs: 200 })
  await audio(8000)
  turns.strike({ kind: 'drop' })
  await clock.advance(0)
  expect(recorder.texts('final')).toEqual([recorder.texts('interim').at(-1)])
  turns.hear('and more')
  await audio(4000)
  const [whole] = recorder.texts('utterance')
  expect(whole?.split(' ').slice(-4)).toEqual(['w38', 'w39', 'and', 'more'])
  // Frame 400 is at 8 s: what was told for good is not sent again.
  expect(turns.sockets[1]?.audio().readUInt32BE(0)).toBeGreaterThan(390)
  expect(recorder.breaches).toEqual([])
})

test('an end that never comes is concluded from silence, 2.7 s behind the last word, and nothing is asked for', async () => {
  const { turns, audio, recorder } = await stage({ end: 'never', latencyMs: 0 })
  turns.hear({ text: 'the second one', wordMs: 300 })
  await audio(3500, 100)
  expect(recorder.texts('utterance')).toEqual([])
  await audio(300, 100)
  expect(recorder.texts('utterance')).toEqual(['the second one'])
  turns.hear('please')
  await audio(6000, 100)
  expect(recorder.texts('utterance')).toEqual(['the second one', 'please'])
  expect(turns.received).toEqual([])
})

test('a recognizer that dies amid a sentence tells what was heard, and then that it failed', async () => {
  const { turns, audio, recorder } = await stage()
  turns.hear('one two three four five six')
  await audio(1000, 100)
  turns.strike({ kind: 'stuck' })
  turns.behaviour.deaf = true
  await audio(3200, 100)
  expect(recorder.texts('utterance')).toEqual(['one two three'])
  await audio(12_000, 100)
  expect(recorder.failure).toMatchObject({ code: 'hearing.lost', details: { reason: 'stalled' } })
  expect(turns.sockets.length).toBe(2)
})

test.each([
  ['INTERNAL_SERVER_ERROR', undefined, 2],
  ['NET-0000', undefined, 2],
  ['UNPARSABLE_CLIENT_MESSAGE', 'hearing.refused', 1],
  ['INVALID_AUTH', 'hearing.refused', 1],
])('an error frame %s ends the connection; the session ends with %s', async (code, failure, connections) => {
  const { turns, audio, recorder } = await stage()
  await audio(200)
  turns.strike({ kind: 'error', code, message: 'quotes what was said' })
  await audio(1000)
  expect([recorder.failure?.code, turns.sockets.length]).toEqual([failure, connections])
  expect(recorder.failure?.message ?? '').not.toContain('quotes')
})

test.each([401, 403, 400] as const)('status %i fails at once and is not tried again', async (status) => {
  const { turns, session, clock, recorder } = await stage({ refuse: status })
  await expect(clock.runUntil(session.ready)).rejects.toMatchObject({ code: 'hearing.refused' })
  await clock.advance(20_000)
  expect(turns.sockets).toEqual([])
  expect(recorder.events.map(({ type }) => type)).toEqual(['failed'])
})

test('words come written as sentences, and are told as they came', async () => {
  const { turns, audio, recorder } = await stage({ writing: 'sentence' })
  turns.hear('the second one')
  await audio(3000, 100)
  expect(recorder.texts('utterance')).toEqual(['The second one.'])
})
