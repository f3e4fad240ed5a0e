import { describe, expect, test } from 'vitest'
import { BridgeError } from '../../../../src/errors.ts'
import { createBreaker } from '../../../../src/speech/failover/breaker.ts'

const lost = new BridgeError('speech.lost', 'Lost.')
const refused = new BridgeError('speech.refused', 'Refused.')

describe('the breaker of a provider', () => {
  test('stays closed below three failures in a row, and a spoken sentence begins the count anew', () => {
    const breaker = createBreaker()
    expect(breaker.failed(lost, 0)).toBeUndefined()
    expect(breaker.failed(lost, 0)).toBeUndefined()
    breaker.spoke()
    expect(breaker.failed(lost, 0)).toBeUndefined()
    expect(breaker.failed(lost, 0)).toBeUndefined()
    expect(breaker.state(0)).toBe('closed')
  })

  test('opens at the third failure for fifteen seconds, and is told once', () => {
    const breaker = createBreaker()
    breaker.failed(lost, 0)
    breaker.failed(lost, 0)
    expect(breaker.failed(lost, 1000)).toBe(15_000)
    expect(breaker.failed(lost, 2000)).toBeUndefined()
    expect(breaker.error).toBe(lost)
    expect(breaker.state(15_999)).toBe('open')
    expect(breaker.state(16_000)).toBe('due')
  })

  test('opens at once and for ten minutes where nothing heals by itself', () => {
    const breaker = createBreaker()
    expect(breaker.failed(refused, 0)).toBe(600_000)
    expect(breaker.state(599_999)).toBe('open')
  })

  test('a probe is made once; one that fails opens it again, for longer, and quietly', () => {
    const breaker = createBreaker()
    for (let index = 0; index < 3; index++) breaker.failed(lost, 0)
    breaker.probing()
    expect(breaker.state(20_000)).toBe('open')
    expect(breaker.failed(lost, 20_000)).toBeUndefined()
    expect(breaker.state(49_999)).toBe('open')
    expect(breaker.state(50_000)).toBe('due')
  })

  test('a probe that connects closes it, and one more failure opens it again', () => {
    const breaker = createBreaker()
    for (let index = 0; index < 3; index++) breaker.failed(lost, 0)
    breaker.probing()
    breaker.probed()
    expect(breaker.state(20_000)).toBe('closed')
    expect(breaker.error).toBeUndefined()
    expect(breaker.failed(lost, 20_000)).toBe(30_000)
  })

  test('a sentence of an older call, spoken while it is open, closes nothing', () => {
    const breaker = createBreaker()
    breaker.failed(refused, 0)
    breaker.spoke()
    expect(breaker.state(1000)).toBe('open')
  })

  test('pauses grow to two minutes and no further', () => {
    const breaker = createBreaker()
    for (let index = 0; index < 3; index++) breaker.failed(lost, 0)
    let nowMs = 0
    for (let index = 0; index < 10; index++) {
      nowMs += 200_000
      breaker.probing()
      breaker.failed(lost, nowMs)
    }
    expect(breaker.state(nowMs + 119_999)).toBe('open')
    expect(breaker.state(nowMs + 120_000)).toBe('due')
  })
})
