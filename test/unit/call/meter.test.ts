import { describe, expect, test } from 'vitest'
import { createMeter } from '../../../src/call/meter.ts'
import type { CallObserver } from '../../../src/call/observer.ts'
import type { Heard, Utterance } from '../../../src/call/utterance.ts'

function bench() {
  let nowMs = 1_000_000
  const told: unknown[][] = []
  const note =
    (what: string) =>
    (...facts: unknown[]) =>
      void told.push([what, ...facts])
  const observer: CallObserver = {
    state: note('state'),
    firstAudio: note('firstAudio'),
    forwarded: note('forwarded'),
    marked: note('marked'),
    cleared: note('cleared'),
    utterance: note('utterance'),
    ended: note('ended'),
  }
  const clock = { now: () => nowMs, after: () => ({ cancel() {} }) }
  return {
    meter: createMeter(clock, observer),
    told,
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

describe('what is measured of a call', () => {
  test('a mark is late from the end of all sound before it, whatever gaps there were between marks', () => {
    const { meter, told, pass } = bench()
    meter.began()
    pass(100)
    meter.marked('a', 400) // due at 400
    pass(1000)
    meter.began()
    meter.marked('b', 100) // due at 1200
    pass(150)
    meter.echoed('a', 0)
    meter.echoed('b', 7)
    meter.echoed('b', 0)
    meter.echoed('unknown', 0)
    expect(told).toEqual([
      ['marked', 850, 0],
      ['marked', 50, 7],
    ])
  })

  test('sound that is sent ahead is due when all before it was played', () => {
    const { meter, told, pass } = bench()
    meter.began()
    meter.marked('a', 1000)
    pass(10)
    meter.began()
    meter.marked('b', 500) // due at 1500
    pass(1600)
    meter.echoed('b', 0)
    expect(told).toEqual([['marked', 110, 0]])
  })

  test('a mark that is early is not late', () => {
    const { meter, told } = bench()
    meter.began()
    meter.marked('a', 200)
    meter.echoed('a', 0)
    expect(told.at(-1)).toEqual(['marked', 0, 0])
  })

  test('after a clear nothing waits any more, and what follows is due from then on', () => {
    const { meter, told, pass } = bench()
    meter.began()
    meter.marked('old', 60_000)
    pass(1000)
    meter.interrupting()
    pass(2)
    meter.cleared()
    meter.echoed('old', 0)
    meter.began()
    meter.marked('new', 100)
    pass(130)
    meter.echoed('new', 0)
    expect(told).toEqual([
      ['cleared', 2],
      ['marked', 30, 0],
    ])
  })

  test('an utterance is told when it begins and how it ends', async () => {
    const { meter, told } = bench()
    const heard: Heard = { end: 'interrupted', heardMs: 1, sentMs: 2, heardText: '' }
    const utterance = (promise: Promise<Heard>): Utterance => Object.assign(promise, { interrupt() {} })
    meter.saying('u1', utterance(Promise.resolve(heard)))
    meter.saying('u2', utterance(Promise.reject(new Error('lost'))))
    await new Promise(setImmediate)
    expect(told).toEqual([
      ['utterance', 'u1', 'began'],
      ['utterance', 'u2', 'began'],
      ['utterance', 'u1', 'interrupted'],
      ['utterance', 'u2', 'failed'],
    ])
  })
})
