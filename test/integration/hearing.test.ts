import { describe, expect, test } from 'vitest'
import { startWorld } from '../world.ts'
import { asked, to } from './asked.ts'

describe('a question answered by speech, through Deepgram', () => {
  test('the phrase that was said is the answer; the connection is made for the question and closed behind it', async () => {
    await using world = await startWorld({ deepgram: {} })
    world.network.phone(to)
    world.deepgram?.listening.hear({ text: 'please move it', atMs: 3_000 })
    const { answer, outcome } = await asked(world)
    expect(answer).toMatchObject({ speech: 'move it', ended: 'speech' })
    expect(outcome.reason).toBe('completed')
    const { sockets = [], faults } = world.deepgram?.listening ?? {}
    expect(sockets).toHaveLength(1)
    expect(sockets[0]?.audioBytes).toBeGreaterThan(8_000)
    await world.clock.advance(2_000)
    expect(sockets.map((socket) => socket.open)).toEqual([false])
    expect(faults).toEqual([])
  })

  test('words silence the prompt: one clear, and what was heard of it is known', async () => {
    await using world = await startWorld({ deepgram: {} })
    const phone = world.network.phone(to)
    world.deepgram?.listening.hear({ text: 'keep it', atMs: 300 })
    const { answer, outcome } = await asked(world)
    expect(answer).toMatchObject({ speech: 'keep it', ended: 'speech' })
    expect(phone.events.filter((event) => event.type === 'clear')).toHaveLength(1)
    expect(outcome).toMatchObject({ status: 'partly-heard', heardText: '' })
  })

  test('a recognizer that refuses leaves the keys: they answer, and the timeline says why nobody listened', async () => {
    await using world = await startWorld({ deepgram: {}, settings: { DEEPGRAM_API_KEY: 'not-the-right-key' } })
    world.network.phone(to, { answer: { afterMs: 1000 }, steps: [{ afterAnswerMs: 4_000, press: '2' }] })
    const { answer, call } = await asked(world)
    expect(answer).toMatchObject({ digits: '2', ended: 'digits', deaf: true })
    const trouble = call.events.filter((event) => event.type === 'trouble')
    expect(trouble.map((event) => event.error.code)).toEqual(['hearing.refused'])
  })

  test('a flow that never listens opens no connection', async () => {
    await using world = await startWorld({ deepgram: {} })
    world.network.phone(to)
    await world.until(world.dial(to, 'Only a message.').outcome)
    expect(world.deepgram?.listening.sockets).toEqual([])
  })
})
