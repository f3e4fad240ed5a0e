import { describe, expect, test } from 'vitest'
import type { TurnBehaviour } from '../../src/simulator/deepgram/flux/behaviour.ts'
import { startWorld } from '../world.ts'
import { asked, to } from './asked.ts'

const settings = { HEARING_MODEL: 'flux-general-en' }
/** As the real one writes. */
const start = (turns: Partial<TurnBehaviour> = {}) =>
  startWorld({ deepgram: { turns: { writing: 'sentence', ...turns } }, settings })

describe('a question answered by speech, in turns', () => {
  test('the phrase that was said is the answer; the connection is made for the question and closed behind it', async () => {
    await using world = await start()
    world.network.phone(to)
    world.deepgram?.turns.hear({ text: 'please move it', atMs: 3_000 })
    const { answer, outcome } = await asked(world)
    expect(answer).toEqual({ speech: 'move it', ended: 'speech' })
    expect(outcome.reason).toBe('completed')
    const { sockets = [], faults, received } = world.deepgram?.turns ?? {}
    expect(sockets).toHaveLength(1)
    expect(sockets[0]?.audioBytes).toBeGreaterThan(8_000)
    await world.clock.advance(2_000)
    expect(sockets.map((socket) => socket.open)).toEqual([false])
    expect([faults, received?.map(({ kind }) => kind)]).toEqual([[], ['close-stream']])
    expect(world.deepgram?.listening.sockets).toEqual([])
  })

  test('a breath does not cut an answer in two: an end that is taken back is none', async () => {
    await using world = await start({ eager: 'always' })
    world.network.phone(to)
    world.deepgram?.turns.hear({ text: '', parts: ['well I think we', 'had better move it'], atMs: 3_000 })
    const { answer } = await asked(world)
    expect(answer).toEqual({ speech: 'move it', ended: 'speech' })
  })

  test('the first word silences the prompt, long before the turn ends: one clear', async () => {
    await using world = await start()
    const phone = world.network.phone(to)
    world.deepgram?.turns.hear({ text: 'keep it as it is', atMs: 300, wordMs: 800 })
    const { answer, outcome } = await asked(world)
    expect(answer).toEqual({ speech: 'keep it', ended: 'speech' })
    const clears = phone.events.filter((event) => event.type === 'clear')
    expect(clears).toHaveLength(1)
    expect(outcome).toMatchObject({ status: 'partly-heard', heardText: '' })
    // The words take four seconds.
    const endedMs = phone.events.at(-1)?.atMs ?? 0
    expect(endedMs - (clears[0]?.atMs ?? endedMs)).toBeGreaterThan(3_000)
  })

  test('a recognizer that dies in the middle of a sentence leaves the keys: what it heard counts once, they answer, and the timeline says why', async () => {
    await using world = await start()
    world.network.phone(to, { answer: { afterMs: 1000 }, steps: [{ afterAnswerMs: 12_000, press: '2' }] })
    const { turns } = world.deepgram ?? {}
    turns?.hear({ text: 'I would like it to be another day', atMs: 3_000 })
    world.clock.after(5_500, () => {
      turns?.strike({ kind: 'drop' })
      if (turns) turns.behaviour.refuse = 503
    })
    const { answer, call } = await asked(world, { attempts: 2, again: { nonsense: 'Press 1 or 2.' } })
    expect(turns?.sockets).toHaveLength(1)
    expect(answer).toEqual({ digits: '2', ended: 'digits', deaf: true })
    const trouble = call.events.filter((event) => event.type === 'trouble')
    expect(trouble.map((event) => event.error.code)).toEqual(['hearing.unavailable'])
  })

  test('a connection that is cut in the middle of the answer is made again, and the answer is heard whole', async () => {
    await using world = await start({ latencyMs: 0 })
    world.network.phone(to)
    const { turns } = world.deepgram ?? {}
    turns?.hear({ text: 'we had better move it', atMs: 3_000 })
    world.clock.after(5_500, () => {
      turns?.strike({ kind: 'drop' })
    })
    // It is said within what the next connection gets to hear.
    world.clock.after(5_501, () => turns?.hear({ text: 'we had better move it', atMs: 2_000 }))
    const { answer } = await asked(world, { speech: true })
    expect(turns?.sockets).toHaveLength(2)
    expect(answer).toEqual({ speech: 'We had better move it.', ended: 'speech' })
  })
})
