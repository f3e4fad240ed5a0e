import { describe, expect, test } from 'vitest'
import { createLocalVoice } from '../../src/speech/local/voice.ts'
import { rememberSpoken, startWorld } from '../world.ts'

const paragraph =
  'This is a longer notice about your delivery. Dr. Smith will come at 3.30 p.m. with the parcel, so please keep the door open. ' +
  'The total is $14.50, and you may pay in cash! If nobody is at home, we leave a card and try once more on the next day. '
const texts: readonly (readonly [name: string, text: string])[] = [
  ['one word', 'Hello'],
  ['one sentence', 'Your order has shipped.'],
  ['a paragraph', paragraph],
  ['markup', "Your code is <digits>4711</digits>. <break time='400ms'/> Once more: <digits>4711</digits>."],
  ['two minutes', paragraph.repeat(8)],
]

/** A text but for its spacing: pieces travel with one space behind them. */
const words = (text: string) => text.replace(/\s+/g, ' ').trim()

describe('a call from end to end', () => {
  test.each(texts)('the phone plays byte for byte what the voice produced: %s', async (_name, text) => {
    await using world = await startWorld()
    const phone = world.network.phone('+15551230001')
    const call = world.dial('+15551230001', text)
    const outcome = await world.until(call.outcome)
    await world.until(phone.ended)
    const produced = Buffer.concat(world.async.spoken.map((one) => one.audio))
    expect(outcome.error).toBeNull()
    expect(outcome).toMatchObject({ status: 'heard', reason: 'completed', provider: 'async' })
    expect(produced.length).toBeGreaterThan(0)
    expect(words(world.async.spoken.map((one) => one.transcript).join(''))).toBe(words(text))
    expect(Buffer.compare(Buffer.from(phone.heard), produced)).toBe(0)
    expect(outcome.heardMs).toBe(produced.length / 8)
    expect(outcome.sentMs).toBe(produced.length / 8)
    expect(world.network.faults).toEqual([])
    expect(world.async.faults).toEqual([])
  })

  test.each(['Prices: 5 < 6 apples, and this is the rest.', 'Hi <break time="1s" there, all of it.', 'a <b> c > d'])(
    'a sign that is no markup swallows no words: %s',
    async (text) => {
      await using world = await startWorld()
      const phone = world.network.phone('+15551230001')
      const outcome = await world.until(world.dial('+15551230001', text).outcome)
      await world.until(phone.ended)
      const spoken = world.async.spoken.map((one) => one.transcript).join('')
      expect(words(spoken)).toBe(words(text.replace(/[<>]/g, '')))
      expect(outcome).toMatchObject({ status: 'heard', heardText: text })
      expect(world.async.faults).toEqual([])
    },
  )

  test('the offline voice comes through unchanged too, and really sounds', async () => {
    const voice = createLocalVoice()
    await using world = await startWorld({ async: { voice: (text, options) => voice.speak(text, options) } })
    const phone = world.network.phone('+15551230001')
    const outcome = await world.until(world.dial('+15551230001', 'Hello there. Your order has shipped.').outcome)
    await world.until(phone.ended)
    const produced = Buffer.concat(world.async.spoken.map((one) => one.audio))
    expect(Buffer.compare(Buffer.from(phone.heard), produced)).toBe(0)
    expect(outcome.heardText).toBe('Hello there. Your order has shipped.')
    expect(outcome.heardMs).toBeGreaterThan(1500)
    const loud = produced.filter((byte) => (byte & 0x7f) < 0x50).length
    expect(loud / produced.length).toBeGreaterThan(0.1)
    await voice.close()
  })

  test('the local provider speaks without any speech service', async () => {
    await using world = await startWorld({ settings: { SPEECH_PROVIDERS: 'local' }, real: true })
    const phone = world.network.phone('+15551230001', { answer: { afterMs: 50 } })
    const outcome = await world.dial('+15551230001', 'Hello.').outcome
    await phone.ended
    expect(outcome).toMatchObject({ status: 'heard', provider: 'local', heardText: 'Hello.' })
    expect(phone.heardMs).toBe(outcome.heardMs)
    expect(world.async.opened).toBe(0)
  })

  test('fifty calls at once: each hears its own text and none another’s', async () => {
    await using world = await startWorld()
    const calls = Array.from({ length: 50 }, (_, index) => {
      const to = `+155512310${String(index).padStart(2, '0')}`
      const sentence = (part: number) => `Caller number ${index} hears sentence ${part} of its own.`
      const text = Array.from({ length: 1 + (index % 5) }, (_, part) => sentence(part)).join(' ')
      const phone = world.network.phone(to, { answer: { afterMs: 200 + index * 37 } })
      return { text, phone, call: world.dial(to, text) }
    })
    const outcomes = await world.until(Promise.all(calls.map(({ call }) => call.outcome)))
    await world.until(Promise.all(calls.map(({ phone }) => phone.ended)))
    for (const [index, { text, phone }] of calls.entries()) {
      expect(outcomes[index]).toMatchObject({ status: 'heard', heardText: text })
      const first = world.async.spoken.find((one) => one.transcript.startsWith(`Caller number ${index} `))
      const own = world.async.spoken.filter((one) => one.connection === first?.connection)
      expect(words(own.map((one) => one.transcript).join(''))).toBe(text)
      expect(Buffer.compare(Buffer.from(phone.heard), Buffer.concat(own.map((one) => one.audio)))).toBe(0)
    }
    expect(world.async.opened).toBe(50)
    expect(world.network.faults).toEqual([])
  })

  test('an inbound caller hears the greeting', async () => {
    await using world = await startWorld({ settings: { GREETING: 'Good morning. We open at nine.' } })
    rememberSpoken('Good morning. We open at nine.')
    const phone = world.network.dialIn({ from: '+15551239999', voiceUrl: `${world.publicUrl}/twilio/voice` })
    await world.until(phone.ended)
    expect(Buffer.compare(Buffer.from(phone.heard), Buffer.concat(world.async.spoken.map((one) => one.audio)))).toBe(0)
    expect(phone.heardMs).toBeGreaterThan(500)
    expect(world.network.faults).toEqual([])
  })

  test('TwiML that is too long to be sent along is served by URL', async () => {
    await using world = await startWorld({ inlineTwimlLimit: 0 })
    const phone = world.network.phone('+15551230001')
    const outcome = await world.until(world.dial('+15551230001', 'Hello.').outcome)
    expect(outcome.status).toBe('heard')
    expect(phone.heardMs).toBe(outcome.heardMs)
    expect(world.network.faults).toEqual([])
  })
})
