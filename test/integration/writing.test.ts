import { describe, expect, test } from 'vitest'
import { rememberSpoken, startWorld } from '../world.ts'

const to = '+15551230001'

/** The tokens of a text: words, each with the space before it, as language models write them. */
function tokens(text: string): string[] {
  rememberSpoken(text)
  return Array.from(text.matchAll(/\s*\S+/g), String)
}

describe('a text that is still being written', () => {
  test('the first sentence is heard before the second is written', async () => {
    await using world = await startWorld()
    const phone = world.network.phone(to)
    const asked = Promise.withResolvers<void>()
    const answered = Promise.withResolvers<void>()
    async function* writer() {
      yield* tokens('This is heard at once. And')
      asked.resolve()
      await answered.promise
      yield* tokens(' this is written later.')
    }
    const call = world.dial(to, '', {}, async (line) => {
      const heard = await line.say(writer())
      expect(heard.heardText).toBe('This is heard at once. And this is written later.')
    })
    await world.until(asked.promise)
    // Twenty-three characters, 60 ms of sound each.
    await world.clock.advance(2_000)
    expect(phone.heardMs).toBeGreaterThan(1000)
    expect(call.events.some((event) => event.type === 'first-audio')).toBe(true)
    answered.resolve()
    expect(await world.until(call.outcome)).toMatchObject({ status: 'heard', reason: 'completed' })
    await world.until(phone.ended)
    const produced = Buffer.concat(world.async.spoken.map((one) => one.audio))
    expect(Buffer.compare(Buffer.from(phone.heard), produced)).toBe(0)
    expect(world.async.faults).toEqual([])
  })

  test('token by token it is what it would have been whole, tags and all', async () => {
    await using world = await startWorld()
    const text =
      "Dr. Smith paid $3.50. <break time='400ms'/> He called <digits>(123) 456.7890</digits>! Was he 👨‍👩‍👧 there? Yes."
    const spoken: string[][] = []
    for (const said of [text, text.split('')]) {
      const phone = world.network.phone(to)
      const before = world.async.spoken.length
      rememberSpoken(text)
      const outcome = await world.until(world.dial(to, '', {}, async (line) => void (await line.say(said))).outcome)
      expect(outcome).toMatchObject({ status: 'heard' })
      await world.until(phone.ended)
      spoken.push(world.async.spoken.slice(before).map((one) => one.transcript))
    }
    expect(spoken[1]).toEqual(spoken[0])
    expect(spoken[0]).toHaveLength(4)
    expect(world.async.faults).toEqual([])
  })

  test('a writer that never ends is ended by the idle limit of the call, and told so', async () => {
    await using world = await startWorld({ settings: { IDLE_TIMEOUT_MS: '30000' } })
    world.network.phone(to)
    let told = 0
    async function* writer() {
      try {
        yield* tokens('This is heard. ')
        await stopped.promise
      } finally {
        told++
      }
    }
    const stopped = Promise.withResolvers<void>()
    const call = world.dial(to, '', {}, async (line) => {
      line.signal.addEventListener('abort', () => stopped.resolve())
      await line.say(writer())
    })
    const outcome = await world.until(call.outcome)
    expect(outcome).toMatchObject({ reason: 'idle', heardText: 'This is heard.' })
    await world.clock.advance(0)
    expect(told).toBe(1)
  })

  test('a writer that fails ends the flow, after its whole sentences were heard', async () => {
    await using world = await startWorld()
    const phone = world.network.phone(to)
    async function* writer() {
      yield* tokens('This is whole. This is not')
      await Promise.reject(new Error('the model is overloaded'))
    }
    const call = world.dial(to, '', {}, async (line) => void (await line.say(writer())))
    const outcome = await world.until(call.outcome)
    await world.until(phone.ended)
    expect(outcome).toMatchObject({
      reason: 'flow-failed',
      error: { code: 'flow.failed' },
      heardText: 'This is whole.',
    })
    const texts = world.async.spoken.map((one) => one.transcript.trim())
    expect(texts.slice(0, 2)).toEqual(['This is whole.', 'We are sorry, this message cannot be given at the moment.'])
    expect(phone.heardMs).toBeGreaterThan(outcome.heardMs)
  })
})
