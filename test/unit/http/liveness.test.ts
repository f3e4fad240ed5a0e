import { expect, test } from 'vitest'
import { createLiveness } from '../../../src/http/liveness.ts'

/** A socket as `Liveness` sees it. */
function createLine() {
  const liveness = createLiveness()
  let heard = false
  let writtenBytes = 0
  return {
    received() {
      heard = true
    },
    sent(bytes: number) {
      writtenBytes += bytes
    },
    pinged: () => liveness.pinged(writtenBytes),
    answered: (carried: string) => liveness.answered(carried),
    look(bufferedBytes: number) {
      const loss = liveness.look({ heard, writtenBytes, bufferedBytes })
      heard = false
      return loss
    },
  }
}
type Line = ReturnType<typeof createLine>

test('silence is a loss at the fourth look without a sign, and any sign begins anew', () => {
  const liveness = createLine()
  const looks = (count: number) => Array.from({ length: count }, () => liveness.look(0))
  liveness.received()
  expect(looks(4)).toEqual([undefined, undefined, undefined, undefined])
  liveness.received()
  expect(looks(5)).toEqual([undefined, undefined, undefined, undefined, 'silent'])
})

/** Looks and pings, as often as `answers` is long; true answers every ping so far before the look. */
function pinged(liveness: Line, answers: readonly boolean[]) {
  let last = ''
  return answers.map((answer) => {
    last = liveness.pinged()
    liveness.received()
    if (answer) liveness.answered(last)
    return liveness.look(0)
  })
}
const never = (count: number) => Array.from({ length: count }, () => false)

test('a peer that never answered a ping is not lost for not answering one', () => {
  expect(new Set(pinged(createLine(), never(50)))).toEqual(new Set([undefined]))
})

test('a peer that answered pings and stops is lost at the third look, although it still sends', () => {
  expect(pinged(createLine(), [true, ...never(3)])).toEqual([...never(3).map(() => undefined), 'not-reading'])
  expect(pinged(createLine(), [true, ...never(2), true, ...never(2)])).not.toContain('not-reading')
})

test('any amount of sound may be sent while pings are answered', () => {
  const liveness = createLine()
  for (let look = 0; look < 20; look++) {
    liveness.sent(1_500_000)
    expect(pinged(liveness, [true])).toEqual([undefined])
    expect(liveness.look(0)).toBeUndefined()
  }
})

test('pongs that nobody asked for prove nothing', () => {
  const liveness = createLine()
  for (const carried of ['', 'x', '0', '99', '-1', '1e1']) liveness.answered(carried)
  expect(pinged(liveness, never(20))).not.toContain('not-reading')
  liveness.answered('20')
  const looks = never(4).map(() => {
    liveness.pinged()
    liveness.received()
    liveness.answered('20')
    return liveness.look(0)
  })
  expect(looks[2]).toBe('not-reading')
})

test('a ping that queues behind two minutes of sound has the time that a slow line needs', () => {
  const liveness = createLine()
  pinged(liveness, [true])
  liveness.sent(1_500_000)
  expect(pinged(liveness, never(10)).indexOf('not-reading')).toBe(8)
})

test('a buffer that does not get shorter is a loss, one that is filled as fast as it empties is not', () => {
  const looksAt = (buffered: (look: number) => number) => {
    const liveness = createLine()
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
