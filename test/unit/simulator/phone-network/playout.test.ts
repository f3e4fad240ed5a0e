import { array, assert, constant, integer, oneof, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { createPlayout } from '../../../../src/simulator/phone-network/playout.ts'
import { sound } from './bridge.ts'

const tenMinutes = 600_000

test('a mark is due when everything before it has been played', () => {
  const playout = createPlayout()
  playout.append(sound(100), 1000, tenMinutes)
  playout.mark('a', 1000)
  playout.append(sound(50), 1010, tenMinutes)
  playout.mark('b', 1010)
  expect(playout.nextMarkMs()).toBe(1100)
  expect(playout.takeDue(1099.9)).toEqual([])
  expect(playout.takeDue(1100)).toEqual(['a'])
  expect(playout.takeDue(1150)).toEqual(['b'])
})

test('a mark on an empty buffer is due at once', () => {
  const playout = createPlayout()
  playout.mark('first', 5)
  expect(playout.takeDue(5)).toEqual(['first'])
  playout.append(sound(20), 10, tenMinutes)
  playout.mark('later', 500)
  expect(playout.takeDue(500)).toEqual(['later'])
})

test('clear drops what was not played and returns all outstanding marks in order', () => {
  const playout = createPlayout()
  const audio = sound(100)
  playout.append(audio, 0, tenMinutes)
  playout.mark('a', 0)
  playout.append(sound(100, 2), 0, tenMinutes)
  playout.mark('b', 0)
  expect(playout.clear(30)).toEqual(['a', 'b'])
  expect(playout.bufferedMs(30)).toBe(0)
  expect(playout.played(1000)).toEqual(audio.subarray(0, 240))
  expect(playout.takeDue(1000)).toEqual([])
})

test('the timeline has silence where nothing was played', () => {
  const playout = createPlayout()
  playout.append(sound(10), 1020, tenMinutes)
  const timeline = playout.timeline(1000, 1040)
  expect(timeline).toHaveLength(320)
  expect(timeline.subarray(0, 160).every((byte) => byte === 0xff)).toBe(true)
  expect(timeline.subarray(160, 240)).toEqual(sound(10))
  expect(timeline.subarray(240).every((byte) => byte === 0xff)).toBe(true)
})

test('audio beyond the limit is discarded', () => {
  const playout = createPlayout()
  expect(playout.append(new Uint8Array(4_799_000), 0, tenMinutes)).toBe(4_799_000)
  expect(playout.append(new Uint8Array(2000), 0, tenMinutes)).toBe(1000)
  expect(playout.append(new Uint8Array(2000), 0, tenMinutes)).toBe(0)
  expect(playout.append(new Uint8Array(80), 10, tenMinutes)).toBe(80)
})

test('whatever is sent and cleared, played never falls, never exceeds what was sent, and every mark comes back once', () => {
  const step = oneof(
    record({ do: constant('append' as const), bytes: integer({ min: 0, max: 3000 }) }),
    record({ do: constant('mark' as const) }),
    record({ do: constant('clear' as const) }),
    record({ do: constant('wait' as const), ms: integer({ min: 0, max: 400 }) }),
  )
  assert(
    property(array(step, { maxLength: 60 }), (steps) => {
      const playout = createPlayout()
      const sent: number[] = []
      const marks: string[] = []
      const back: string[] = []
      let now = 0
      let played = 0
      for (const action of steps) {
        if (action.do === 'append') {
          const audio = Uint8Array.from({ length: action.bytes }, (_, i) => (sent.length + i) % 251)
          playout.append(audio, now, tenMinutes)
          sent.push(...audio)
        } else if (action.do === 'mark') {
          marks.push(`m${marks.length}`)
          playout.mark(`m${marks.length - 1}`, now)
        } else if (action.do === 'clear') back.push(...playout.takeDue(now), ...playout.clear(now))
        else now += action.ms
        back.push(...playout.takeDue(now))
        expect(playout.playedBytes(now)).toBeGreaterThanOrEqual(played)
        played = playout.playedBytes(now)
        expect(played).toBeLessThanOrEqual(sent.length)
        expect(playout.played(now)).toHaveLength(played)
        expect(played).toBeLessThanOrEqual(now * 8)
      }
      now += 1_000_000
      back.push(...playout.takeDue(now))
      expect(back).toEqual(marks)
      const voiced = playout.timeline(0, now)
      expect(voiced).toHaveLength(now * 8)
    }),
    { numRuns: 100 },
  )
})
