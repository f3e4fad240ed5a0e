import { describe, expect, test } from 'vitest'
import type { Answer, GatherOptions } from '../../src/flows/answer.ts'
import type { DeepgramService } from '../../src/simulator/deepgram/service.ts'
import { startWorld, type World } from '../world.ts'

const to = '+15551230001'
const question: GatherOptions = {
  say: 'Shall we keep it, or move it?',
  speech: ['keep it', 'move it'],
  choices: ['1', '2'],
  digits: 1,
  timeoutMs: 15_000,
}

function listening(world: World): DeepgramService['listening'] {
  if (!world.deepgram) throw new Error('the world has no Deepgram')
  return world.deepgram.listening
}

/** Begins a call that asks, and comes back when the prompt was heard and Deepgram has its sound. */
async function beginAsking(world: World, options: GatherOptions = question) {
  const phone = world.network.phone(to)
  const answered = Promise.withResolvers<Answer>()
  const call = world.dial(to, '', {}, async (line) => {
    answered.resolve(await line.gather(options))
    await line.say('Thank you.')
  })
  const heard = Promise.withResolvers<void>()
  call.watch((event) => {
    if (event.type === 'heard') heard.resolve()
  })
  await world.until(heard.promise)
  await world.clock.advance(500)
  const askedMs = world.clock.now()
  return {
    phone,
    call,
    async answer() {
      const answer = await world.until(answered.promise)
      return { answer, tookMs: world.clock.now() - askedMs }
    },
    says(text: string) {
      phone.speak(new Uint8Array(text.split(' ').length * 400 * 8).fill(0x20))
      listening(world).hear({ text, wordMs: 400 })
    },
    /** The call has come to its end, and nothing listens any more. */
    async done() {
      const outcome = await world.until(call.outcome)
      await world.until(phone.ended)
      await world.clock.advance(2_000)
      expect(listening(world).sockets.filter(({ open }) => open)).toEqual([])
      expect(world.app.calls()).toEqual([])
      return outcome
    },
    troubles: () => call.events.flatMap((event) => (event.type === 'trouble' ? [event.error.code] : [])),
  }
}

describe('a recognizer in trouble, in a whole call', () => {
  test('a recognizer that never connects: keys answer, and the answer says that nobody listened', async () => {
    await using world = await startWorld({ deepgram: { behaviour: { handshake: 'never' } } })
    const asking = await beginAsking(world)
    await world.clock.advance(6_000)
    asking.phone.press('2')
    expect((await asking.answer()).answer).toEqual({ digits: '2', ended: 'digits', deaf: true })
    expect(await asking.done()).toMatchObject({ status: 'heard', reason: 'completed' })
    expect(asking.troubles()).toEqual(['hearing.unavailable'])
  })

  test('a question of speech alone that nobody can hear: it ends as deaf, five seconds after it began', async () => {
    await using world = await startWorld({ deepgram: { behaviour: { handshake: 'never' } } })
    const { digits, choices, ...bySpeech } = question
    expect([digits, choices]).not.toContain(undefined)
    const asking = await beginAsking(world, bySpeech)
    const { answer, tookMs } = await asking.answer()
    expect(answer).toEqual({ ended: 'deaf', deaf: true })
    expect(tookMs).toBeLessThan(5_500)
    expect(await asking.done()).toMatchObject({ status: 'heard', reason: 'completed' })
  })

  test('a recognizer that dies mid-sentence: the phrase that was heard till then is the answer', async () => {
    await using world = await startWorld({ deepgram: {} })
    const asking = await beginAsking(world)
    asking.says('please move it to another day')
    await world.clock.advance(1_700)
    listening(world).behaviour.refuse = 503
    listening(world).strike({ kind: 'drop' })
    expect((await asking.answer()).answer).toMatchObject({ speech: 'move it', ended: 'speech' })
    expect(await asking.done()).toMatchObject({ reason: 'completed' })
    expect(asking.troubles()).toEqual([])
  })

  test('a recognizer that dies before a phrase was heard: the question is asked again, and keys answer it', async () => {
    await using world = await startWorld({ deepgram: {} })
    const asking = await beginAsking(world, { ...question, attempts: 2 })
    asking.says('well let me think about it for a while')
    await world.clock.advance(900)
    listening(world).behaviour.refuse = 503
    listening(world).strike({ kind: 'drop' })
    await world.clock.advance(9_000)
    asking.phone.press('1')
    expect((await asking.answer()).answer).toEqual({ digits: '1', ended: 'digits', deaf: true })
    expect(await asking.done()).toMatchObject({ reason: 'completed' })
    expect(asking.troubles()).toEqual(['hearing.unavailable'])
  })

  test('a recognizer that sends garbage: it is left out, and what is said is heard', async () => {
    await using world = await startWorld({ deepgram: {} })
    const asking = await beginAsking(world)
    const garbage = [
      '{',
      'null',
      '[]',
      '{"type":"Results"}',
      '{"type":"Results","start":"x","duration":-1,"is_final":1,"channel":{"alternatives":[null]}}',
      '{"type":"UtteranceEnd","last_word_end":"never"}',
      '{"type":"NoSuchThing"}',
      `{"type":"Results","channel":"${'x'.repeat(20_000)}"}`,
      Buffer.alloc(500, 0x7f),
    ]
    for (const frame of garbage) listening(world).send(frame)
    await world.clock.advance(500)
    listening(world).hear('keep it')
    expect((await asking.answer()).answer).toEqual({ speech: 'keep it', ended: 'speech' })
    expect(await asking.done()).toMatchObject({ reason: 'completed' })
    expect(asking.troubles()).toEqual([])
    expect(listening(world).sockets).toHaveLength(1)
  })

  test('an endpoint that is never sent: the words are an answer all the same, within three seconds', async () => {
    await using world = await startWorld({ deepgram: { listening: { endpoint: 'never', finalize: 'unanswered' } } })
    const asking = await beginAsking(world, { ...question, speech: true })
    asking.says('the second one')
    const { answer, tookMs } = await asking.answer()
    expect(answer).toEqual({ speech: 'the second one', ended: 'speech' })
    expect(tookMs).toBeLessThan(1_200 + 3_000 + 500)
    expect(await asking.done()).toMatchObject({ reason: 'completed' })
  })

  test('a recognizer that goes deaf: the question is asked to its end, and the call goes on', async () => {
    await using world = await startWorld({ deepgram: {} })
    const asking = await beginAsking(world)
    listening(world).strike({ kind: 'stuck' })
    listening(world).behaviour.deaf = true
    listening(world).hear('keep it')
    const { answer, tookMs } = await asking.answer()
    expect(answer).toMatchObject({ ended: 'timeout' })
    expect(tookMs).toBeLessThan(16_000)
    expect(await asking.done()).toMatchObject({ reason: 'completed' })
  })
})
