import { expect, test } from 'vitest'
import { audioMs, stage } from './line-fake.ts'

/** 30 letters: at least 1,050 ms. */
const text = 'abcdefghij abcdefghij abcdefghij.'

test('final ends an utterance after 300 ms of quiet, when there is enough audio for its text', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak(text)
  heard.input.end()
  const context = line().contexts()[0]
  line().say({ context_id: context, audio: audioMs(1050), final: true })
  await clock.advance(299)
  expect(heard.ends).toEqual([])
  await clock.advance(1)
  expect(heard.ends).toEqual([{ kind: 'done' }])
})

test('a final that comes before enough audio waits for the audio that follows', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak(text)
  heard.input.end()
  const context = line().contexts()[0]
  line().say({ context_id: context, audio: audioMs(100), final: true })
  for (let i = 0; i < 12; i++) {
    await clock.advance(1000)
    expect(heard.ends).toEqual([])
    line().say({ context_id: context, audio: audioMs(100), final: false })
  }
  await clock.advance(1499)
  expect(heard.ends).toEqual([])
  await clock.advance(1)
  expect(heard.ends).toEqual([{ kind: 'done', unconfirmed: true }])
  expect(heard.bytes).toBe(1300 * 8)
})

test('a final with too little audio ends the utterance after 3 s without any', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak(text)
  heard.input.end()
  line().say({ context_id: line().contexts()[0], audio: audioMs(500), final: true })
  await clock.advance(2999)
  expect(heard.ends).toEqual([])
  await clock.advance(1)
  expect(heard.ends).toEqual([{ kind: 'done', unconfirmed: true }])
})

test('a final before the end of the text ends nothing', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak(text)
  line().say({ context_id: line().contexts()[0], audio: audioMs(1050), final: true })
  await clock.advance(30_000)
  expect(heard.ends).toEqual([])
})

test('without final an utterance is done 3 s after its last audio, counted from the end of the text', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak(text)
  line().say({ context_id: line().contexts()[0], audio: audioMs(1050), final: false })
  await clock.advance(10_000)
  heard.input.end()
  await clock.advance(2000)
  line().say({ context_id: line().contexts()[0], audio: audioMs(10), final: false })
  await clock.advance(2999)
  expect(heard.ends).toEqual([])
  await clock.advance(1)
  expect(heard.ends).toEqual([{ kind: 'done', unconfirmed: true }])
})

test('gaps of a second inside an utterance are no end', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak(text)
  heard.input.end()
  for (let i = 0; i < 30; i++) {
    line().say({ context_id: line().contexts()[0], audio: audioMs(100), final: false })
    await clock.advance(1000)
  }
  expect(heard.ends).toEqual([])
  expect(heard.bytes).toBe(30 * 800)
})

test('no audio within 10 s of the first text is a stall', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak(text)
  await clock.advance(6000)
  heard.input.push('More.')
  heard.input.end()
  await clock.advance(3999)
  expect(heard.ends).toEqual([])
  await clock.advance(1)
  expect(heard.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.stalled', retryable: true } }])
  expect(line().sent.at(-1)).toMatchObject({ close_context: true })
})

test('a final that answers the text with no audio at all is a stall after 3 s', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak(text)
  heard.input.end()
  line().say({ context_id: line().contexts()[0], audio: '', final: true })
  await clock.advance(2999)
  expect(heard.ends).toEqual([])
  await clock.advance(1)
  expect(heard.ends).toMatchObject([{ kind: 'failed', error: { code: 'speech.stalled' } }])
})

test.each([true, false])(
  'silence while far too little of the text was spoken is a stall (text ended: %s)',
  async (inputEnded) => {
    const { clock, line, speak } = await stage()
    const heard = speak(text)
    if (inputEnded) heard.input.end()
    await clock.advance(1000)
    line().say({ context_id: line().contexts()[0], audio: audioMs(300), final: false })
    await clock.advance(4999)
    expect(heard.ends).toEqual([])
    await clock.advance(1)
    expect(heard.ends).toMatchObject([
      { kind: 'failed', error: { code: 'speech.stalled', details: { audioMs: 300, silentMs: 5000 } } },
    ])
  },
)

test('text with nothing to pronounce is done when the service says so, with no audio', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak('...')
  heard.input.end()
  line().say({ context_id: line().contexts()[0], audio: '', final: true })
  await clock.advance(300)
  expect(heard.ends).toEqual([{ kind: 'done' }])
})

test('an utterance that stalled lets the next one speak', async () => {
  const { clock, line, speak } = await stage()
  speak(text)
  const second = speak('Two.')
  await clock.advance(10_000)
  expect(line().texts()).toEqual([`${text} `, 'Two. '])
  line().say({ context_id: line().contexts()[1], audio: audioMs(10), final: false })
  expect(second.bytes).toBe(80)
})

test('audio that makes enough after an early final brings the end nearer', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak(text)
  heard.input.end()
  const context = line().contexts()[0]
  line().say({ context_id: context, audio: audioMs(100), final: true })
  await clock.advance(100)
  line().say({ context_id: context, audio: audioMs(2000), final: false })
  await clock.advance(1500)
  expect(heard.ends).toEqual([{ kind: 'done', unconfirmed: true }])
})

test('a final from before the end of the text does not count after it either', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak(text)
  line().say({ context_id: line().contexts()[0], audio: audioMs(1050), final: true })
  heard.input.end()
  await clock.advance(2999)
  expect(heard.ends).toEqual([])
  await clock.advance(1)
  expect(heard.ends).toEqual([{ kind: 'done', unconfirmed: true }])
})

test('a stall amid the audio is counted from the end of the text, when that came later', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak(text)
  line().say({ context_id: line().contexts()[0], audio: audioMs(300), final: false })
  await clock.advance(4000)
  heard.input.end()
  await clock.advance(4999)
  expect(heard.ends).toEqual([])
  await clock.advance(1)
  expect(heard.ends).toMatchObject([{ error: { code: 'speech.stalled' } }])
})

test('a later text that is never spoken is a stall, however much audio the earlier ones made', async () => {
  const { clock, line, speak } = await stage()
  const heard = speak('One.')
  line().say({ context_id: line().contexts()[0], audio: audioMs(9000), final: false })
  await clock.advance(20_000)
  heard.input.push('Two.')
  heard.input.end()
  await clock.advance(9999)
  expect(heard.ends).toEqual([])
  await clock.advance(1)
  expect(heard.ends).toMatchObject([{ error: { code: 'speech.stalled' } }])
})

test('a context is closed after its end, unless a final was its last word', async () => {
  const closes = async (frames: object[]) => {
    const { clock, line, speak } = await stage()
    const heard = speak('One.')
    heard.input.end()
    for (const frame of frames) {
      line().say({ context_id: line().contexts()[0], ...frame })
      await clock.advance(10)
    }
    await clock.advance(5000)
    expect(heard.ends).toMatchObject([{ kind: 'done' }])
    return line().sent.some((message) => message['close_context'] === true)
  }
  const audio = { audio: audioMs(400), final: false }
  const final = { audio: '', final: true }
  expect(await closes([audio, final])).toBe(false)
  expect(await closes([audio, final, audio])).toBe(true)
  expect(await closes([audio])).toBe(true)
})
