import { describe, expect, test } from 'vitest'
import { connectionLost } from '../../../../src/speech/async/errors.ts'
import { audioMs, dialogue, lose, sayAll, stage } from './line-fake.ts'

const busy = { error_code: 'TOO_MANY_CONCURRENT_REQUESTS', message: 'm', extra: { limit: 5, current: 7 } }
const rate = { error_code: 'RATE_LIMIT_EXCEEDED', message: 'm', extra: { limit: 120, retry_after_ms: 8500 } }
const fault = { error_code: 'INTERNAL_SERVER_ERROR', message: 'm', extra: null }
const refused = { error_code: 'USAGE_LIMIT_EXCEEDED', message: 'm', extra: null }

describe('an error while utterances are made ahead', () => {
  test.each([busy, rate])(
    'that says busy and names none takes back what is made ahead; it is said in its turn: $error_code',
    async (frame) => {
      const { clock, lines, line, first, second, third, audio, final, warnings } = await dialogue()
      const [, contextTwo, contextThree] = line().contexts()
      audio(2, 20)
      line().say(frame)
      expect(line().sent.slice(-2)).toMatchObject([
        { context_id: contextTwo, close_context: true },
        { context_id: contextThree, close_context: true },
      ])
      line().say({ context_id: contextTwo, audio: audioMs(400), final: true })
      audio(1, 400)
      final(1)
      await clock.advance(300)
      expect(first.ends).toMatchObject([{ kind: 'done' }])
      expect(line().texts().slice(3)).toEqual(['Two. '])
      audio(4, 30)
      audio(4, 400)
      expect(line().texts().slice(3)).toEqual(['Two. '])
      final(4)
      await clock.advance(300)
      expect(second).toMatchObject({ bytes: 430 * 8, ends: [{ kind: 'done' }] })
      expect(line().texts().slice(3)).toEqual(['Two. ', 'Three. '])
      expect(third.ends).toEqual([])
      expect(lines).toHaveLength(1)
      expect(warnings).toHaveLength(1)
    },
  )

  test('that names none fails the one being heard, if that falls silent without a final', async () => {
    const { clock, line, first, second, audio } = await dialogue()
    audio(1, 400)
    line().say(rate)
    await clock.advance(1499)
    expect(first.ends).toEqual([])
    await clock.advance(1)
    expect(first.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.busy' } }])
    expect(second.ends).toEqual([])
    expect(line().texts().slice(3)).toEqual(['Two. '])
  })

  test('that names none fails nothing, if the final of the one being heard comes', async () => {
    const { clock, line, first, audio, final } = await dialogue()
    audio(1, 400)
    line().say(rate)
    await clock.advance(1499)
    final(1)
    await clock.advance(1)
    audio(1, 20)
    await clock.advance(1500)
    expect(first.ends).toEqual([{ kind: 'done', unconfirmed: true }])
  })

  test('that says busy fails nothing when audio of the next one had come, and no final ever does', async () => {
    const { clock, line, first, audio } = await dialogue()
    audio(1, 400)
    audio(2, 20)
    line().say(rate)
    await clock.advance(3000)
    expect(first.ends).toEqual([{ kind: 'done', unconfirmed: true }])
  })

  test('that names none fails the one being heard, if the connection is closed in order behind it', async () => {
    const { line, first, audio } = await dialogue()
    audio(1, 400)
    line().say(rate)
    lose(line(), connectionLost({ closeCode: 1000 }), 1000)
    expect(first.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.busy' } }])
  })

  test('that says busy before audio of the one whose turn it is fails that one too', async () => {
    const { clock, line, first, second, third, audio, final } = await dialogue()
    audio(1, 400)
    final(1)
    await clock.advance(300)
    line().say(busy)
    expect(first.ends).toMatchObject([{ kind: 'done' }])
    expect(second.ends).toMatchObject([{ error: { code: 'speech.busy' } }])
    expect(third.ends).toEqual([])
    expect(line().texts().slice(3)).toEqual(['Three. '])
  })

  test('leaves what is taken back all its time when it is said in its turn', async () => {
    const { clock, line, first, second, audio } = await dialogue()
    audio(2, 20)
    line().say(busy)
    first.input.cancel()
    await clock.advance(9999)
    expect(second.ends).toEqual([])
    await clock.advance(1)
    expect(second.ends).toMatchObject([{ error: { code: 'speech.stalled' } }])
  })

  test('on the next connection utterances are made ahead again', async () => {
    const { clock, line, first, audio } = await dialogue()
    line().say(busy)
    lose(line(), connectionLost({ closeCode: 1006 }), 1006)
    expect(first.ends).toMatchObject([{ error: { code: 'speech.lost' } }])
    await clock.advance(0)
    line().events.opened()
    expect(line().texts()).toEqual(['Two. '])
    audio(1, 20)
    expect(line().texts()).toEqual(['Two. ', 'Three. ', 'Four. '])
  })

  test('that is a fault of the service fails the one being heard, and the others are said one by one', async () => {
    const { line, first, second } = await dialogue()
    line().say(fault)
    expect(first.ends).toMatchObject([{ error: { code: 'speech.unavailable' } }])
    expect(second.ends).toEqual([])
    expect(line().texts().slice(3)).toEqual(['Two. '])
  })

  test.each(['the one being heard has its final', 'audio of the next one came'])(
    'that is a fault of the service spares the one being heard when %s',
    async (when) => {
      const { clock, line, first, audio, final } = await dialogue()
      audio(1, 400)
      if (when.includes('final')) final(1)
      else audio(2, 20)
      line().say(fault)
      await clock.advance(3000)
      expect(first.ends).toMatchObject([{ kind: 'done' }])
      expect(line().texts().slice(3)).toEqual(['Two. '])
    },
  )

  test('that names one of them is told in its turn, when it has been said once more', async () => {
    const { clock, line, first, second, third, audio, final } = await dialogue()
    line().say({ ...refused, context_id: line().contexts()[1] })
    expect([first.ends, second.ends]).toEqual([[], []])
    audio(1, 400)
    final(1)
    await clock.advance(300)
    line().say({ ...refused, context_id: line().contexts()[3] })
    expect(second.ends).toMatchObject([{ error: { code: 'speech.refused' } }])
    expect(third.ends).toEqual([])
  })

  test('that will not pass ends them all', async () => {
    const { line, first, second, third, fourth } = await dialogue()
    line().say(refused)
    for (const one of [first, second, third, fourth])
      expect(one.ends).toMatchObject([{ error: { code: 'speech.refused' } }])
    expect(line().closed).toBe('dropped')
  })

  test('an empty final for one of them takes it back too', async () => {
    const { clock, line, second, audio, final } = await dialogue()
    final(2)
    audio(1, 400)
    final(1)
    await clock.advance(300)
    expect(line().texts().slice(3)).toEqual(['Two. '])
    audio(4, 400)
    expect(second.bytes).toBe(3200)
  })

  test('a stall of the one being heard may come of it: the next ones are said one by one', async () => {
    const { clock, line, first } = await dialogue()
    await clock.advance(5000)
    expect(first.ends).toMatchObject([{ error: { code: 'speech.stalled' } }])
    expect(line().texts().slice(3)).toEqual(['Two. '])
    line().say({ context_id: line().contexts()[3], audio: audioMs(400), final: false })
    expect(line().texts()).toHaveLength(4)
  })
})

describe('a connection that is lost while utterances are made ahead', () => {
  const gone = connectionLost({ closeCode: 1006 })

  test('takes their audio with it; they are said again, whole, and may be lost once more', async () => {
    const { clock, lines, line, first, second, third, audio } = await dialogue()
    audio(2, 400)
    audio(3, 400)
    lose(line(), gone, 1006)
    expect(first.ends).toMatchObject([{ error: { code: 'speech.lost' } }])
    await clock.advance(0)
    expect(second.bytes).toBe(0)
    line().events.opened()
    expect(line().texts()).toEqual(['Two. '])
    lose(line(), gone, 1006)
    await clock.advance(250)
    line().events.opened()
    expect(lines).toHaveLength(3)
    audio(1, 20)
    expect(second).toMatchObject({ bytes: 160, ends: [] })
    expect(line().texts()).toEqual(['Two. ', 'Three. ', 'Four. '])
    expect(third.bytes).toBe(0)
  })

  test('fails the one being heard, also when it is closed in order, if those were not begun and no final came', async () => {
    const { line, first, audio } = await dialogue()
    audio(1, 400)
    lose(line(), connectionLost({ closeCode: 1000 }), 1000)
    expect(first.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.lost' } }])
  })

  test('is no loss for the one being heard when it is closed in order and audio of the next one had come', async () => {
    const { line, first, audio } = await dialogue()
    audio(1, 400)
    audio(2, 20)
    lose(line(), connectionLost({ closeCode: 1000 }), 1000)
    expect(first.ends).toEqual([{ kind: 'done', unconfirmed: true }])
  })

  test('is no loss for the one being heard when its final had come', async () => {
    const { clock, line, first, second, audio, final } = await dialogue()
    audio(1, 400)
    final(1)
    lose(line(), gone, 1006)
    expect(first.ends).toMatchObject([{ kind: 'done' }])
    expect(second).toMatchObject({ bytes: 0, ends: [] })
    await clock.advance(0)
    line().events.opened()
    expect(line().texts()).toEqual(['Two. '])
    audio(1, 30)
    expect(second.bytes).toBe(240)
    expect(line().texts()).toEqual(['Two. ', 'Three. ', 'Four. '])
  })

  test('the next one is passed on at once behind the final of the one before it, and fails by a loss from then on', async () => {
    const { line, first, second, audio, final } = await dialogue()
    audio(1, 400)
    final(1)
    audio(2, 20)
    expect(first.ends).toMatchObject([{ kind: 'done' }])
    expect(second).toMatchObject({ bytes: 160, ends: [] })
    lose(line(), gone, 1006)
    expect(second.ends).toMatchObject([{ kind: 'failed' }])
  })

  test('lets out what had come of the one whose turn has just begun, before that fails', async () => {
    const { line, first, second, audio } = await dialogue()
    audio(2, 20)
    first.input.cancel()
    lose(line(), gone, 1006)
    expect(second).toMatchObject({ bytes: 160, ends: [{ error: { code: 'speech.lost' } }] })
  })
})

describe('cancel', () => {
  test('of the one being heard lets the next one be heard, but not before cancel has returned', async () => {
    const { clock, line, first, second, third, audio } = await dialogue()
    audio(2, 20)
    first.input.cancel()
    audio(2, 30)
    expect(second.chunks).toEqual([])
    await clock.advance(0)
    audio(2, 40)
    audio(1, 400)
    expect(first.bytes).toBe(160)
    expect(second.chunks).toEqual([audioMs(20), audioMs(30), audioMs(40)])
    expect(third.ends).toEqual([])
    expect(line().sent.filter((message) => message['close_context'] === true)).toHaveLength(1)
  })

  test('of one that is made ahead closes its context, drops its audio, and makes the next one ahead instead', async () => {
    const { clock, line, first, second, third, audio, final } = await dialogue()
    audio(2, 20)
    second.input.cancel()
    expect(second).toMatchObject({ bytes: 0, ends: [{ kind: 'cancelled' }] })
    expect(line().sent.at(-3)).toMatchObject({ context_id: line().contexts()[1], close_context: true })
    expect(line().texts()).toEqual(['One. ', 'Two. ', 'Three. ', 'Four. '])
    audio(2, 400)
    audio(1, 400)
    final(1)
    audio(3, 20)
    await clock.advance(0)
    expect(first.ends).toMatchObject([{ kind: 'done' }])
    expect([second.bytes, third.bytes]).toEqual([0, 160])
  })

  test('of all, one by one, lets nothing of them pass, then or later', async () => {
    const { clock, lines, line, first, second, third, fourth, audio, speak } = await dialogue()
    audio(2, 20)
    audio(3, 20)
    for (const one of [first, second, third, fourth]) one.input.cancel()
    await clock.advance(1000)
    for (const nth of [1, 2, 3]) audio(nth, 400)
    expect([first.bytes, second.bytes, third.bytes, fourth.bytes]).toEqual([160, 0, 0, 0])
    const next = speak('Next.')
    line().say({ context_id: line().contexts().at(-1), audio: audioMs(20), final: false })
    expect(next.bytes).toBe(160)
    expect(lines).toHaveLength(1)
  })

  test('inside audio that was held lets nothing more of it pass', async () => {
    const on = await stage()
    const [first] = sayAll(on, 'One.')
    let chunks = 0
    const ends: string[] = []
    const input = on.session.speak({
      audio() {
        chunks++
        input.cancel()
      },
      ended: (end) => void ends.push(end.kind),
    })
    input.push('Two.')
    input.end()
    on.line().say({ context_id: on.line().contexts()[0], audio: audioMs(20), final: false })
    for (let i = 0; i < 3; i++) on.line().say({ context_id: on.line().contexts()[1], audio: audioMs(20), final: false })
    first?.input.cancel()
    await on.clock.advance(0)
    expect({ chunks, ends }).toEqual({ chunks: 1, ends: ['cancelled'] })
  })

  test('close ends them all as cancelled, and held audio is never heard', async () => {
    const { clock, session, first, second, third, fourth, audio } = await dialogue()
    audio(2, 20)
    await session.close()
    await clock.advance(60_000)
    for (const one of [first, second, third, fourth]) expect(one.ends).toEqual([{ kind: 'cancelled' }])
    expect(second.bytes).toBe(0)
  })
})
