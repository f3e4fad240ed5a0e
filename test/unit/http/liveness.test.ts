import { expect, test } from 'vitest'
import { createLiveness } from '../../../src/http/liveness.ts'

test('silence is a loss at the fourth look without a sign, and any sign begins anew', () => {
  const liveness = createLiveness()
  const looks = (count: number) => Array.from({ length: count }, () => liveness.look(0))
  liveness.received()
  expect(looks(4)).toEqual([undefined, undefined, undefined, undefined])
  liveness.received()
  expect(looks(5)).toEqual([undefined, undefined, undefined, undefined, 'silent'])
})

test('a peer that never answered a ping is not lost for not answering one', () => {
  const liveness = createLiveness()
  for (let look = 0; look < 50; look++) {
    liveness.received()
    expect(liveness.look(0)).toBeUndefined()
  }
})

test('a peer that answered pings and stops is lost, although it still sends', () => {
  const liveness = createLiveness()
  liveness.answeredPing()
  const looks = Array.from({ length: 5 }, () => {
    liveness.received()
    return liveness.look(0)
  })
  expect(looks).toEqual([undefined, undefined, undefined, undefined, 'not-reading'])
})

test('a mark that comes back proves reading as an answered ping does', () => {
  const liveness = createLiveness()
  liveness.answeredPing()
  for (let look = 0; look < 50; look++) {
    liveness.received()
    if (look % 3 === 0) liveness.echoedMark()
    expect(liveness.look(0)).toBeUndefined()
  }
})

test('a buffer that does not get shorter is a loss, one that is filled as fast as it empties is not', () => {
  const looksAt = (buffered: (look: number) => number) => {
    const liveness = createLiveness()
    return Array.from({ length: 8 }, (_, look) => {
      liveness.received()
      liveness.sent(1000)
      return liveness.look(buffered(look))
    })
  }
  expect(looksAt(() => 900)).not.toContain('stuck')
  // Everything that is sent stays in the buffer.
  expect(looksAt((look) => 1000 * (look + 1))).toContain('stuck')
  expect(looksAt(() => 0)).not.toContain('stuck')
})

test('two minutes of sound may wait, eight mebibytes may not', () => {
  const liveness = createLiveness()
  expect(liveness.tooSlow(2_000_000)).toBe(false)
  expect(liveness.tooSlow(8 * 1_048_576 + 1)).toBe(true)
})
