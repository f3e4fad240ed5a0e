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

const bytes = (ms: number) => ms * 8

describe('what is measured of a call', () => {
  test('a chunk counts from the newest frame of the speech service', () => {
    const { meter, told, pass } = bench()
    meter.received()
    pass(50)
    meter.received()
    pass(3)
    meter.sent(bytes(20))
    expect(told).toEqual([['forwarded', 3]])
  })

  test('a provider that does not tell when a frame came gives no forwarding time', () => {
    const { meter, told } = bench()
    meter.sent(bytes(20))
    expect(told).toEqual([['forwarded', Number.NaN]])
  })

  test('a mark is late from the end of all sound before it, wherever the gaps were', () => {
    const { meter, told, pass } = bench()
    meter.sent(bytes(200))
    pass(100)
    meter.sent(bytes(200))
    meter.marked('a') // due at 400
    pass(1000)
    meter.sent(bytes(100))
    meter.marked('b') // due at 1200
    pass(150)
    meter.echoed('a', 0)
    meter.echoed('b', 7)
    meter.echoed('b', 0)
    meter.echoed('unknown', 0)
    expect(told.filter(([what]) => what === 'marked')).toEqual([
      ['marked', 850, 0],
      ['marked', 50, 7],
    ])
  })

  test('a mark that is early is not late', () => {
    const { meter, told } = bench()
    meter.sent(bytes(200))
    meter.marked('a')
    meter.echoed('a', 0)
    expect(told.at(-1)).toEqual(['marked', 0, 0])
  })

  test('after a clear nothing waits any more, and what follows is due from then on', () => {
    const { meter, told, pass } = bench()
    meter.sent(bytes(60_000))
    meter.marked('old')
    pass(1000)
    meter.interrupting()
    pass(2)
    meter.cleared()
    meter.echoed('old', 0)
    meter.sent(bytes(100))
    meter.marked('new')
    pass(130)
    meter.echoed('new', 0)
    expect(told.filter(([what]) => what !== 'forwarded')).toEqual([
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
