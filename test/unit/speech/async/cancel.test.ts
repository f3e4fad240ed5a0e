import { expect, test } from 'vitest'
import { audioMs, stage } from './line-fake.ts'

test('cancel closes the context, drops its late audio and lets the next utterance speak at once', async () => {
  const { line, speak } = await stage()
  const first = speak('One two three.')
  const second = speak('Two.')
  const context = line().contexts()[0]
  line().say({ context_id: context, audio: audioMs(20), final: false })
  first.input.cancel()
  expect(first.ends).toEqual([{ kind: 'cancelled' }])
  expect(line().sent.slice(1)).toMatchObject([
    { context_id: context, close_context: true, transcript: '' },
    { transcript: 'Two. ' },
  ])
  line().say({ context_id: context, audio: audioMs(20), final: true })
  line().say({ context_id: line().contexts()[1], audio: audioMs(40), final: false })
  first.input.cancel()
  expect(first).toMatchObject({ bytes: 160, ends: [{ kind: 'cancelled' }] })
  expect(second.bytes).toBe(320)
})

test('an utterance that waits is cancelled without a word to the service', async () => {
  const { clock, line, speak } = await stage()
  const first = speak('One.')
  const second = speak('Two.')
  second.input.cancel()
  expect(second.ends).toEqual([{ kind: 'cancelled' }])
  first.input.cancel()
  await clock.advance(1000)
  expect(line().texts()).toEqual(['One. '])
})

test('a sink that cancels inside its own audio gets nothing more, also of the same frame', async () => {
  const { line, session } = await stage()
  const ends: string[] = []
  let chunks = 0
  const input = session.speak({
    audio() {
      chunks++
      input.cancel()
    },
    ended: (end) => void ends.push(end.kind),
  })
  input.push('One.')
  input.end()
  for (let i = 0; i < 3; i++) line().say({ context_id: line().contexts()[0], audio: audioMs(400), final: true })
  expect({ chunks, ends }).toEqual({ chunks: 1, ends: ['cancelled'] })
})

test('where replies bear no context ids, a cancel takes a new connection, for late audio could be of either', async () => {
  const { lines, line, speak } = await stage()
  const first = speak('One two three.')
  line().say({ audio: audioMs(20), final: false })
  const second = speak('Two.')
  first.input.cancel()
  expect(lines).toHaveLength(2)
  expect(lines[0]?.closed).toBe('dropped')
  line().events.opened()
  expect(line().texts()).toEqual(['Two. '])
  line().say({ audio: audioMs(20), final: false })
  expect(second.bytes).toBe(160)
})

test('audio without an id after an early cancel is given to nobody, and the next text is said again elsewhere', async () => {
  const { lines, line, speak } = await stage()
  const first = speak('One two three.')
  first.input.cancel()
  const second = speak('Two.')
  second.input.end()
  line().say({ audio: '', final: true })
  line().say({ audio: audioMs(20), final: false })
  expect(second).toMatchObject({ bytes: 0, ends: [] })
  expect(lines).toHaveLength(2)
  line().events.opened()
  expect(line().sent).toMatchObject([{ transcript: 'Two. ' }, { transcript: '' }])
  line().say({ audio: audioMs(20), final: false })
  expect(second.bytes).toBe(160)
})

test('close says goodbye and ends every utterance as cancelled, once', async () => {
  const { clock, line, session, speak } = await stage()
  const all = [speak('One.'), speak('Two.'), speak()]
  const closing = session.close()
  expect(session.close()).toBe(closing)
  await closing
  for (const one of all) one.input.cancel()
  await clock.advance(60_000)
  for (const one of all) expect(one.ends).toEqual([{ kind: 'cancelled' }])
  expect(line().closed).toBe('closed')
})

test('after close an utterance ends as cancelled and nothing is sent', async () => {
  const { clock, lines, line, session, speak } = await stage()
  await session.close()
  const late = speak('One.')
  late.input.end()
  expect(late.ends).toEqual([])
  await clock.advance(0)
  expect(late.ends).toEqual([{ kind: 'cancelled' }])
  expect(line().sent).toEqual([])
  expect(lines).toHaveLength(1)
})

test('a session closed before it was ready says so through ready', async () => {
  const { session } = await stage({ open: false })
  await session.close()
  await expect(session.ready).rejects.toMatchObject({ code: 'call.ended' })
})
