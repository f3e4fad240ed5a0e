import { expect, test } from 'vitest'
import { audioMs, speakTo, stage } from './line-fake.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('each utterance is spoken in a UUIDv4 context of its own, each text forced and with one space at its end', async () => {
  const { line, speak } = await stage()
  const first = speak('Hello.  ', '<digits>12</digits> is it. ')
  first.input.end()
  const [context] = line().contexts()
  expect(context).toMatch(uuid)
  expect(line().sent).toEqual([
    { transcript: 'Hello. ', context_id: context, force: true },
    { transcript: '<digits>12</digits> is it. ', context_id: context, force: true },
    { transcript: '', context_id: context },
  ])
  line().say({ context_id: context, audio: audioMs(1000), final: false })
  line().say({ context_id: context, audio: '', final: true })
})

test('an utterance is not sent before audio of the former one came under its id, and its text is kept', async () => {
  const { clock, line, speak } = await stage()
  const first = speak('One.')
  const second = speak('Two.', 'Three.')
  first.input.end()
  second.input.end()
  await clock.advance(1000)
  expect(line().texts()).toEqual(['One. '])
  line().say({ context_id: line().contexts()[0], audio: audioMs(20), final: false })
  expect(line().texts()).toEqual(['One. ', 'Two. ', 'Three. '])
  expect(line().contexts()).toHaveLength(2)
})

test('the base64 of a chunk is passed on as the very string that came', async () => {
  const { line, speak } = await stage()
  const heard = speak('One two three.')
  const chunks = [1, 2, 3, 160, 161, 7999].map((bytes) => Buffer.alloc(bytes, 7).toString('base64'))
  for (const audio of chunks) line().say({ context_id: line().contexts()[0], audio, final: false })
  expect(heard.chunks).toEqual(chunks)
  expect(heard.bytes).toBe(1 + 2 + 3 + 160 + 161 + 7999)
})

test('missing padding is added, other bad base64 and empty audio are left out and told of once', async () => {
  const { line, speak, warnings } = await stage()
  const heard = speak('One two three.')
  for (const audio of ['AAA', '', 'A A=', 'AAAAA', '-_-_', '====', 'AAAA'])
    line().say({ context_id: line().contexts()[0], audio, final: false })
  expect(heard.chunks).toEqual(['AAA=', 'AAAA'])
  expect(heard.bytes).toBe(5)
  expect(warnings).toHaveLength(1)
})

test('audio of a context that is not spoken now is not passed on', async () => {
  const { line, speak } = await stage()
  line().say({ context_id: 'x', audio: audioMs(20), final: false })
  line().say({ audio: audioMs(20), final: false })
  const heard = speak('One two three.')
  line().say({ context_id: 'x', audio: audioMs(20), final: true })
  expect(heard.bytes).toBe(0)
})

test('a reply without a context id belongs to the utterance being spoken', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak('One.')
  heard.input.end()
  line().say({ audio: audioMs(400), final: false })
  line().say({ audio: '', final: true })
  await clock.advance(300)
  expect(heard.bytes).toBe(3200)
  expect(heard.ends).toEqual([{ kind: 'done' }])
})

test('unknown frames of any form change nothing', async () => {
  const { line, speak } = await stage()
  const heard = speak('One.')
  for (const frame of [null, 1, 'x', [], [1], {}, { audio: 5 }, { audio: null }, { final: 'true' }, { event: 'x' }])
    line().say(frame)
  line().say({ ['__proto__']: { audio: 'AAAA', context_id: line().contexts()[0] } })
  line().events.frame({ kind: 'unknown' })
  expect(heard.bytes).toBe(0)
  expect(heard.ends).toEqual([])
})

test('an utterance without text ends as done, but not before speak and end have returned', async () => {
  const { clock, line, session } = await stage()
  const heard = speakTo(session, ['', '  \n'])
  heard.input.end()
  expect(heard.ends).toEqual([])
  await clock.advance(0)
  expect(heard.ends).toEqual([{ kind: 'done' }])
  expect(line().sent).toEqual([])
})

test('an utterance whose text comes slowly keeps its turn while all its text so far was spoken', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak('One.')
  line().say({ context_id: line().contexts()[0], audio: audioMs(400), final: false })
  await clock.advance(60_000)
  expect(heard.ends).toEqual([])
  heard.input.push('Two.')
  expect(line().texts()).toEqual(['One. ', 'Two. '])
  expect(line().contexts()).toHaveLength(1)
})

test('what is pushed after the end of the text is left out', async () => {
  const { line, speak } = await stage()
  const heard = speak('One.')
  heard.input.end()
  heard.input.push('Two.')
  heard.input.end()
  expect(line().sent).toHaveLength(2)
})
