import { describe, expect, test } from 'vitest'
import type { AsyncBehaviour } from '../../src/simulator/async/behaviour.ts'
import type { Flow } from '../../src/flows/flow.ts'
import { rememberSpoken, startWorld } from '../world.ts'

const to = '+15551230001'
const anna = 'e0f39dc4-f691-4e78-bba5-5c636692cc04'
const bert = 'b0f39dc4-f691-4e78-bba5-5c636692cc05'
const nobody = 'a0f39dc4-f691-4e78-bba5-5c636692cc06'

/** A call of a flow, once it is over: what the service spoke, by connection, and what the phone heard. */
async function converse(flow: Flow, behaviour: Partial<AsyncBehaviour> = {}, refused: readonly string[] = []) {
  await using world = await startWorld({ async: { voiceIds: [anna, bert], behaviour } })
  const phone = world.network.phone(to)
  const call = world.dial(to, '', {}, flow)
  const outcome = await world.until(call.outcome)
  await world.until(phone.ended)
  await world.clock.advance(2_000)
  const { spoken, received, faults, connections } = world.async
  expect(faults.map(({ detail }) => detail)).toEqual(refused)
  const inits = received.filter(({ kind }) => kind === 'init').map(({ message }) => message)
  const audioOf = (text: string) => spoken.find((one) => one.transcript.trim() === text)?.audio ?? new Uint8Array()
  const transcripts = spoken.map((one) => `${one.connection}: ${one.transcript.trim()}`)
  const at = (type: string) => call.events.findLast((event) => event.type === type)?.atMs ?? 0
  return { outcome, inits, transcripts, audioOf, phone, connections, lastedMs: at('heard') - at('first-audio') }
}

describe('a voice that changes in the middle of a call', () => {
  test('what is said next is said by the other, without a gap; each sentence is made once', async () => {
    const texts = [
      'This is said by Anna.',
      'And this as well.',
      'Das sagt Bert.',
      'Und das auch.',
      'Here is Anna again.',
    ]
    for (const text of texts) rememberSpoken(text)
    const { outcome, inits, transcripts, audioOf, phone, connections, lastedMs } = await converse(async (call) => {
      void call.say(`${texts[0]} ${texts[1]}`)
      void call.voice({ voice: bert, language: 'de' })
      void call.say(`${texts[2]} ${texts[3]}`)
      void call.voice()
      await call.say(texts[4] ?? '')
    })
    expect(outcome).toMatchObject({ status: 'heard', heardText: texts.join(' ') })
    expect(transcripts.toSorted()).toEqual(
      [`1: ${texts[0]}`, `1: ${texts[1]}`, `2: ${texts[2]}`, `2: ${texts[3]}`, `1: ${texts[4]}`].toSorted(),
    )
    expect(inits).toMatchObject([{ voice: { id: anna } }, { voice: { id: bert }, language: 'de' }])
    const expected = Buffer.concat(texts.map(audioOf))
    expect(Buffer.compare(Buffer.from(phone.heard), expected)).toBe(0)
    expect(lastedMs - outcome.heardMs).toBeLessThan(300)
    expect(connections).toBe(0)
  })

  test('the old connection is closed when its last utterance has ended, not at the end of the call', async () => {
    let open = 0
    await using world = await startWorld({ async: { voiceIds: [anna, bert] } })
    world.network.phone(to)
    const call = world.dial(to, '', {}, async (line) => {
      await line.say('This is said by Anna.')
      await line.voice({ voice: bert })
      await line.say('This is said by Bert.')
      open = world.async.connections
    })
    expect(await world.until(call.outcome)).toMatchObject({ status: 'heard' })
    expect(open).toBe(1)
  })

  test('a voice that the service refuses is told, and the former one says what was to be said, once', async () => {
    const text = 'Nobody need miss this.'
    rememberSpoken(text)
    const flow: Flow = async (call) => {
      const change = call.voice({ voice: nobody })
      const saying = call.say(text)
      await expect(change).rejects.toMatchObject({ code: 'speech.refused' })
      expect(await saying).toMatchObject({ end: 'heard' })
    }
    const { outcome, transcripts, phone, audioOf } = await converse(flow, {}, ['VOICE_NOT_FOUND'])
    expect(outcome).toMatchObject({ status: 'heard', error: null })
    expect(transcripts).toEqual([`1: ${text}`])
    expect(Buffer.compare(Buffer.from(phone.heard), Buffer.from(audioOf(text)))).toBe(0)
  })

  test('a connection that is refused, because one is all that is allowed, ends no call', async () => {
    const { outcome, transcripts } = await converse(
      async (call) => {
        await expect(call.voice({ voice: bert })).rejects.toMatchObject({ retryable: true })
        await call.say('This is said all the same.')
      },
      { concurrencyLimit: 1 },
    )
    expect(outcome).toMatchObject({ status: 'heard', error: null })
    expect(transcripts).toEqual(['1: This is said all the same.'])
  })

  test('what the provider cannot do is refused without a connection: no voice id, speed, other language', async () => {
    const { outcome, inits } = await converse(async (call) => {
      for (const choice of [{ voice: 'anna' }, { speed: 1.5 }, { language: 'pl' }])
        await expect(call.voice(choice)).rejects.toMatchObject({ code: 'voice.invalid' })
      await call.say('Hello.')
    })
    expect(outcome).toMatchObject({ status: 'heard', error: null })
    expect(inits).toHaveLength(1)
  })

  test('the language decides where sentences end', async () => {
    const { transcripts } = await converse(async (call) => {
      await call.say('Am 12. März kam er.')
      void call.voice({ language: 'de' })
      await call.say('Am 12. März ging er.')
      await call.say(['Am 12', '. Mä', 'rz war er da.'])
    })
    expect(transcripts).toEqual([
      '1: Am 12.',
      '1: März kam er.',
      '2: Am 12. März ging er.',
      '2: Am 12. März war er da.',
    ])
  })

  test('after the end of the call nothing changes any more', async () => {
    let voice: ((choice: { voice: string }) => Promise<void>) | undefined
    const { outcome, inits } = await converse(async (call) => {
      voice = (choice) => call.voice(choice)
      await call.say('Hello.')
    })
    expect(outcome.status).toBe('heard')
    await expect(voice?.({ voice: bert })).rejects.toMatchObject({ code: 'call.ended' })
    expect(inits).toHaveLength(1)
  })
})
