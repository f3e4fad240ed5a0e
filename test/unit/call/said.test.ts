import { expect, test } from 'vitest'
import { createSaid } from '../../../src/call/said.ts'
import type { Delivery, Settled } from '../../../src/call/utterance.ts'

function delivery(text: string, settled: Settled | undefined) {
  const one = { settled, asked: 0 }
  const made: Delivery = {
    utterance: Object.assign(Promise.resolve({ end: 'heard' as const, heardMs: 0, sentMs: 0, heardText: text }), {
      interrupt() {},
    }),
    direct: false,
    settled: () => one.settled,
    spoken: () => true,
    writing: () => false,
    idle: () => true,
    heardText() {
      one.asked++
      return text
    },
    unheard: () => [],
    begun: () => [],
    feed: () => undefined,
    proven() {},
    gate() {},
    interrupted() {},
    cut() {},
    heardAudio: () => new TextEncoder().encode(text),
  }
  return { made, one }
}

test('what is over is forgotten but for its words and its sound, which keep their order', () => {
  const said = createSaid(true)
  const all = [delivery('One.', 'heard'), delivery('Two', 'interrupted'), delivery('Three.', undefined)]
  for (const { made } of all) said.add(made)
  said.add(delivery('Four.', 'heard').made)
  expect(said.recent()).toHaveLength(2)
  expect(said.texts()).toEqual(['One.', 'Two', 'Three.', 'Four.'])
  expect(new TextDecoder().decode(said.heardAudio())).toBe('One.TwoThree.Four.')
  expect([said.allHeard(), said.open().length, said.next()]).toEqual([false, 1, 5])
})

test('what failed is not forgotten: more of it may still be heard', () => {
  const said = createSaid(false)
  const failed = delivery('Half', 'failed')
  said.add(failed.made)
  said.add(delivery('More.', 'heard').made)
  said.add(delivery('Last.', 'heard').made)
  expect(said.recent()).toHaveLength(3)
})
