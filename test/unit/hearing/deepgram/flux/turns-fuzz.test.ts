import { expect, test } from 'vitest'
import { createTurns } from '../../../../../src/hearing/deepgram/flux/turns.ts'
import { createHeardRecorder } from '../../../../contract/heard-recorder.ts'

/** The same numbers for the same seed, from 0 up to a limit. */
function seeded(seed: number) {
  let state = seed
  return (limit: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * limit)
  }
}

const texts = ['', 'yes', 'Yes.', 'yes and', 'yes and no', 'no', 'um']
const events = ['start', 'update', 'update', 'end'] as const

test('whatever comes, in whatever order, over however many connections: the rules of the contract hold', () => {
  for (let seed = 1; seed <= 2000; seed++) {
    const below = seeded(seed)
    const recorder = createHeardRecorder()
    const turns = createTurns((event) => recorder.heard(event))
    let toldMs = 0
    for (let step = 0; step < 30; step++) {
      const what = below(12)
      if (what === 0) turns.resume(below(10_000))
      else if (what === 1) turns.conclude()
      else
        turns.take(
          {
            kind: 'turn',
            event: events[below(events.length)] ?? 'update',
            turn: below(4),
            text: texts[below(texts.length)] ?? '',
            endMs: below(10_000),
          },
          below(10_000),
        )
      expect(turns.toldMs).toBeGreaterThanOrEqual(toldMs)
      toldMs = turns.toldMs
    }
    turns.conclude()
    expect([seed, recorder.breaches, turns.pending]).toEqual([seed, [], ''])
  }
})

test('turns that come in order, however they change on the way, are each told once and whole', () => {
  for (let seed = 1; seed <= 500; seed++) {
    const below = seeded(seed)
    const recorder = createHeardRecorder()
    const turns = createTurns((event) => recorder.heard(event))
    const said: string[] = []
    for (let turn = 0; turn < 5; turn++) {
      const at = (event: (typeof events)[number], text: string) =>
        void turns.take({ kind: 'turn', event, turn, text, endMs: turn * 1000 }, 0)
      for (let updates = below(4); updates > 0; updates--)
        at(events[below(3)] ?? 'update', texts[below(texts.length)] ?? '')
      const text = texts[below(texts.length)] ?? ''
      at('end', text)
      if (text !== '') said.push(text)
    }
    expect(recorder.texts('utterance')).toEqual(said)
    expect(recorder.breaches).toEqual([])
  }
})
