import { expect, test } from 'vitest'
import { audioMs, stage } from './line-fake.ts'

const busy = { error_code: 'TOO_MANY_CONCURRENT_REQUESTS', message: 'm', extra: { limit: 5, current: 7 } }
const refused = { error_code: 'USAGE_LIMIT_EXCEEDED', message: 'm', extra: { limit: 1, current: 2 } }

test('an error with the context of an utterance fails that utterance only', async () => {
  const { line, speak } = await stage()
  const first = speak('One.')
  const second = speak('Two.')
  line().say({ ...refused, context_id: line().contexts()[0] })
  expect(first.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.refused' } }])
  expect(second.ends).toEqual([])
  expect(line().texts()).toEqual(['One. ', 'Two. '])
})

test('an error with the context of an utterance that is over changes nothing', async () => {
  const { line, speak } = await stage()
  const first = speak('One.')
  first.input.cancel()
  const second = speak('Two.')
  line().say({ ...refused, context_id: line().contexts()[0] })
  expect(second.ends).toEqual([])
})

test('an error without a context that will pass fails the utterance being spoken, and the next one is tried', async () => {
  const { line, speak } = await stage()
  const first = speak('One.')
  const second = speak('Two.')
  line().say(busy)
  expect(first.ends).toMatchObject([{ error: { code: 'speech.busy', retryable: true } }])
  expect(second.ends).toEqual([])
  expect(line().texts()).toEqual(['One. ', 'Two. '])
})

test.each([{ detail: refused }, refused])(
  'an error without a context that will not pass ends the session: %j',
  async (frame) => {
    const { clock, lines, line, session, speak } = await stage()
    const all = [speak('One.'), speak('Two.')]
    await clock.advance(1000)
    line().say({ context_id: line().contexts()[0], audio: audioMs(20), final: false })
    line().say(frame)
    const later = speak('Three.')
    await clock.advance(60_000)
    for (const one of [...all, later]) expect(one.ends).toMatchObject([{ error: { code: 'speech.refused' } }])
    expect(lines).toHaveLength(1)
    expect(line().closed).toBe('dropped')
    expect(await session.ready).toBeUndefined()
  },
)

test('a key refused in a frame after the handshake rejects ready at once', async () => {
  const { line, session } = await stage()
  line().say({ error_code: 'INVALID_API_KEY', message: 'm', extra: { api_key: 'sk_...' } })
  await expect(session.ready).rejects.toMatchObject({ code: 'speech.refused', message: /ASYNC_API_KEY/ })
})

test('an account that is busy while the session connects is asked again, when the service says', async () => {
  const { clock, lines, line, session } = await stage()
  line().say({ error_code: 'RATE_LIMIT_EXCEEDED', message: 'm', extra: { limit: 120, retry_after_ms: 8500 } })
  await clock.advance(8499)
  expect(lines).toHaveLength(1)
  await clock.advance(1)
  expect(lines).toHaveLength(2)
  line().events.opened()
  await clock.advance(150)
  expect(await session.ready).toBeUndefined()
})

test('a wait that is longer than a session may take to connect rejects ready at once', async () => {
  const { line, session } = await stage()
  line().say({ error_code: 'RATE_LIMIT_EXCEEDED', message: 'm', extra: { retry_after_ms: 16_000 } })
  await expect(session.ready).rejects.toMatchObject({ code: 'speech.busy', details: { retryAfterMs: 16_000 } })
})

test('TIMEOUT makes a new connection, on which text that was not begun is said again', async () => {
  const { clock, lines, line, speak } = await stage()
  await clock.advance(60_000)
  const heard = speak('One.')
  line().say({ error_code: 'TIMEOUT', message: 'm', request_id: 'unknown', extra: null })
  await clock.advance(0)
  expect(lines).toHaveLength(2)
  line().events.opened()
  expect(line().texts()).toEqual(['One. '])
  line().say({ context_id: line().contexts()[0], audio: audioMs(20), final: false })
  line().say({ error_code: 'TIMEOUT', message: 'm', request_id: 'unknown', extra: null })
  expect(heard.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.lost' } }])
})

test('an error that will pass, while nothing is said, changes nothing', async () => {
  const { clock, lines, line, warnings } = await stage()
  await clock.advance(1000)
  line().say(busy)
  await clock.advance(10_000)
  expect(lines).toHaveLength(1)
  expect(warnings).toHaveLength(1)
})

test('where our contexts are answered with an empty final, the text is said again in the context of init_ack', async () => {
  const { clock, lines, line, speak } = await stage()
  line().say({ event: 'init_ack', context_id: 'server' })
  const heard = speak('One.')
  heard.input.end()
  const own = line().contexts()[0]
  line().say({ context_id: own, audio: '', final: true })
  await clock.advance(300)
  expect(line().sent.slice(2)).toEqual([
    { transcript: 'One. ', context_id: 'server', force: true },
    { transcript: '', context_id: 'server' },
  ])
  line().say({ context_id: own, audio: audioMs(20), final: false })
  line().say({ context_id: 'server', audio: audioMs(400), final: true })
  await clock.advance(300)
  expect(heard).toMatchObject({ bytes: 3200, ends: [{ kind: 'done' }] })
  expect(lines, 'the context of the server serves one utterance').toHaveLength(2)
  line().events.opened()
  const next = speak('Two.')
  expect(line().sent, 'and is waited for from then on').toEqual([])
  line().say({ event: 'init_ack', context_id: 'other' })
  expect(line().contexts()).toEqual(['other'])
  next.input.cancel()
})

test('the context of init_ack is tried once', async () => {
  const { clock, lines, line, speak } = await stage()
  line().say({ event: 'init_ack', context_id: 'server' })
  const heard = speak('One.')
  heard.input.end()
  line().say({ context_id: line().contexts()[0], audio: '', final: true })
  await clock.advance(300)
  line().say({ context_id: 'server', audio: '', final: true })
  await clock.advance(3000)
  expect(lines[0]?.texts()).toHaveLength(2)
  expect(heard.ends).toMatchObject([{ error: { code: 'speech.stalled' } }])
})

test('audio that bears the id of init_ack belongs to the utterance being spoken', async () => {
  const { line, speak } = await stage()
  line().say({ event: 'init_ack', context_id: 'server' })
  const heard = speak('One.')
  line().say({ context_id: 'server', audio: audioMs(20), final: false })
  expect(heard.bytes).toBe(160)
})

test("once our ids were seen to be used, what bears the id of init_ack is nobody's", async () => {
  const { clock, lines, line, speak } = await stage()
  line().say({ event: 'init_ack', context_id: 'server' })
  const first = speak('One.')
  line().say({ context_id: line().contexts()[0], audio: audioMs(400), final: false })
  first.input.end()
  line().say({ context_id: 'server', audio: audioMs(20), final: true })
  await clock.advance(1000)
  expect(first).toMatchObject({ bytes: 3200, ends: [] })
  first.input.cancel()
  const second = speak('Two.')
  line().say({ context_id: 'server', audio: audioMs(20), final: false })
  expect(second.bytes).toBe(0)
  expect(lines).toHaveLength(1)
})
