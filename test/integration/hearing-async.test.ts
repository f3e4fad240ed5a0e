import { describe, expect, test } from 'vitest'
import { encodeMulaw } from '../../src/audio/mulaw.ts'
import type { ListenBehaviour } from '../../src/simulator/async/listen/behaviour.ts'
import { startWorld, type World } from '../world.ts'
import { asked, prompt, to } from './asked.ts'

const voice = (ms: number) =>
  encodeMulaw(Int16Array.from({ length: ms * 8 }, (_, n) => 8000 * Math.sin(n / 4) * Math.sin(n / 300)))

function listening(behaviour: Partial<ListenBehaviour> = {}, settings: Record<string, string> = {}) {
  return startWorld({ async: { listening: behaviour }, settings: { HEARING_PROVIDER: 'async', ...settings } })
}

/** Asks, and once more where that brought nothing; with what went wrong meanwhile. */
async function answered(world: World) {
  const { answer, outcome, call } = await asked(world, { timeoutMs: 10_000, attempts: 2 })
  const trouble = call.events.flatMap((event) => (event.type === 'trouble' ? [event.error.code] : []))
  return { answer, outcome, trouble }
}

describe('a question answered by speech, through Async', () => {
  test.each<[string, Partial<ListenBehaviour>]>([
    ['as one client knows it', {}],
    ['with is_final and text', { marks: 'is-final', textField: 'text' }],
    ['with final texts only when asked', { finals: 'when-asked' }],
    ['with final texts never', { finals: 'never' }],
  ])(
    '%s: the phrase that was said is the answer, and the connection ends with the question',
    async (_what, behaviour) => {
      await using world = await listening(behaviour)
      world.network.phone(to, { answer: { afterMs: 1000 }, steps: [{ afterAnswerMs: 3_000, speak: voice(900) }] })
      const { listening: ears } = world.async
      ears.hear({ text: 'please move it', atMs: 3_000 })
      const { answer, outcome } = await answered(world)
      expect(answer).toMatchObject({ speech: 'move it', ended: 'speech' })
      expect(outcome.reason).toBe('completed')
      expect(ears.sockets[0]?.audioBytes).toBeGreaterThan(32_000)
      await world.clock.advance(2_000)
      expect(ears.sockets.filter((socket) => socket.open)).toEqual([])
      expect([ears.faults, world.async.faults]).toEqual([[], []])
    },
  )

  test('a recognizer that dies amid a sentence leaves the keys: they answer', async () => {
    await using world = await listening()
    world.network.phone(to, {
      answer: { afterMs: 1000 },
      steps: [
        { afterAnswerMs: 3_000, speak: voice(9_000) },
        { afterAnswerMs: 16_000, press: '2' },
      ],
    })
    const { listening: ears } = world.async
    ears.hear({ text: 'well I think that we had better move it', atMs: 3_000 })
    const asking = answered(world)
    await world.until(soon(world, () => ears.sockets.some(({ audioBytes }) => audioBytes > 32 * 4_000)))
    ears.behaviour.refuse = 503
    ears.strike({ kind: 'drop' })
    const { answer, trouble } = await asking
    expect(answer).toMatchObject({ digits: '2', ended: 'digits', deaf: true })
    expect(trouble).toEqual(['hearing.unavailable'])
    expect(world.async.spoken.map(({ transcript }) => transcript.trim())).toEqual([prompt, prompt])
    expect(ears.sockets.filter((socket) => socket.open)).toEqual([])
  })

  test('a key of Async that may not listen leaves the keys of the phone', async () => {
    await using world = await listening({ refuse: 403 })
    world.network.phone(to, { answer: { afterMs: 1000 }, steps: [{ afterAnswerMs: 4_000, press: '1' }] })
    const { answer, trouble } = await answered(world)
    expect(answer).toMatchObject({ digits: '1', ended: 'digits', deaf: true })
    expect(trouble).toEqual(['hearing.refused'])
  })
})

/** Resolves when `done` says so. */
function soon(world: World, done: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => (done() ? resolve() : void world.clock.after(20, look))
    look()
  })
}
