import { describe, expect, test } from 'vitest'
import { createMatcher } from '../../../../scripts/bench/matching.ts'
import { createVoice } from '../../../../scripts/bench/sound.ts'
import { beginsAt, createTape, record, sentAtMs, type Tape } from '../../../../scripts/bench/tape.ts'

const voice = createVoice(20)
const none = { lost: 0, repeated: 0, foreign: 0, corrupt: 0, silenced: 0 }

/** Two streams of sentences of four chunks each; chunk n was sent at n ms. */
function scene(chunks = 12) {
  const tapes = new Map<number, Tape>()
  for (const stream of [1, 2]) {
    const tape = createTape(stream)
    for (let place = 0; place < chunks; place++) record(tape, place, place % 4 === 0)
    tapes.set(stream, tape)
  }
  const claim = (stream: number) => {
    const tape = tapes.get(stream)
    tapes.delete(stream)
    return tape
  }
  const delays: number[] = []
  const begins: boolean[] = []
  const phone = (fromAnywhere = false) =>
    createMatcher(voice, {
      claim,
      fromAnywhere,
      completed(delayMs, first) {
        delays.push(delayMs)
        begins.push(first)
      },
    })
  return { phone, delays, begins, payload: (place: number, stream = 1) => voice.payload(stream, place) }
}

/** What a phone finds wrong with these places of its stream. */
function faultsOf(places: readonly number[]) {
  const { phone, payload } = scene()
  const matcher = phone()
  for (const place of places) matcher.took(payload(place), 20)
  return matcher.faults
}

describe('what a phone gets is held against what was sent', () => {
  test('all of it, in order, is without fault, and each chunk has its delay', () => {
    const { phone, payload, delays, begins } = scene(6)
    const matcher = phone()
    for (let place = 0; place < 6; place++) matcher.took(payload(place), 10 + place)
    expect(matcher.faults).toEqual(none)
    expect([matcher.missing(), matcher.chunks()]).toEqual([0, 6])
    expect(delays).toEqual([10, 10, 10, 10, 10, 10])
    expect(begins).toEqual([true, false, false, false, true, false])
  })

  test('a chunk that never comes is lost, also the first one', () => {
    expect(faultsOf([0, 1, 3, 4])).toEqual({ ...none, lost: 1 })
    expect(faultsOf([1, 2])).toEqual({ ...none, lost: 1 })
    expect(faultsOf([0, 4])).toEqual({ ...none, lost: 3 })
  })

  test('the last chunks are missing until they come', () => {
    const { phone, payload } = scene(6)
    const matcher = phone()
    for (let place = 0; place < 4; place++) matcher.took(payload(place), 20)
    expect(matcher.missing()).toBe(2)
  })

  test('a chunk that comes twice is repeated', () => {
    expect(faultsOf([0, 1, 1, 2])).toEqual({ ...none, repeated: 1 })
  })

  test('two chunks that are swapped are lost and repeated', () => {
    expect(faultsOf([0, 2, 1, 3])).toEqual({ ...none, lost: 1, repeated: 1 })
  })

  test('a single bit that differs is corrupt, in the noise as in the head', () => {
    const { phone, payload } = scene()
    const bytes = Buffer.from(payload(1), 'base64')
    bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100)
    const matcher = phone()
    matcher.took(payload(0), 20)
    matcher.took(bytes.toString('base64'), 20)
    expect(matcher.faults).toEqual({ ...none, corrupt: 1 })
    matcher.took('no base64, but text', 20)
    expect(matcher.faults.corrupt).toBe(2)
  })

  test('sound of another call is foreign, and so is a stream that another phone hears', () => {
    const { phone, payload } = scene()
    const one = phone()
    const other = phone()
    one.took(payload(0, 1), 20)
    one.took(payload(0, 2), 20)
    other.took(payload(1, 1), 20)
    expect([one.faults, other.faults]).toEqual([
      { ...none, foreign: 1 },
      { ...none, foreign: 1 },
    ])
  })

  test('sound that was never sent is corrupt', () => {
    const { phone, payload } = scene(2)
    const matcher = phone()
    for (const place of [0, 1, 2]) matcher.took(payload(place), 20)
    expect(matcher.faults).toEqual({ ...none, corrupt: 1 })
  })

  test('chunks may be joined and cut anew, as long as every byte comes in its place', () => {
    const { phone, payload, delays } = scene(4)
    const all = Buffer.concat([0, 1, 2, 3].map((place) => Buffer.from(payload(place), 'base64')))
    const matcher = phone()
    for (let at = 0; at < all.length; at += 100) matcher.took(all.subarray(at, at + 100).toString('base64'), 20 + at)
    expect(matcher.faults).toEqual(none)
    expect([matcher.missing(), matcher.chunks()]).toEqual([0, 4])
    // By the frame that completes it.
    expect(delays).toEqual([120, 319, 418, 617])
  })

  test('whoever begins to listen in the midst of a stream has lost nothing before, but everything behind', () => {
    const { phone, payload } = scene()
    const matcher = phone(true)
    for (const place of [5, 6, 8]) matcher.took(payload(place), 20)
    expect(matcher.faults).toEqual({ ...none, lost: 1 })
  })
})

describe('the very chunk that is expected is taken where it lies, and nothing else', () => {
  test.each(['text', 'sound'] as const)('as %s: to the last byte, in its place', (kind) => {
    const { phone, payload, delays } = scene()
    const form = voice[kind]
    const matcher = phone()
    const bytes = Buffer.alloc(form.length + 3)
    const isTaken = (place: number, spoiltAt?: number) => {
      form.put(bytes, 3, 1, place)
      if (spoiltAt !== undefined) bytes.writeUInt8(bytes.readUInt8(spoiltAt) ^ 1, spoiltAt)
      return matcher.tookNext(form, bytes, 3, 20)
    }
    expect(isTaken(0)).toBe(false)
    matcher.took(payload(0), 20)
    for (let at = 3; at < bytes.length; at++) expect(isTaken(1, at)).toBe(false)
    expect([isTaken(2), isTaken(0), isTaken(1), isTaken(1), isTaken(2)]).toEqual([false, false, true, false, true])
    expect(matcher.tookNext(form, bytes.subarray(0, -1), 3, 20)).toBe(false)
    expect([delays, matcher.faults]).toEqual([[20, 19, 18], none])
  })

  test('never in the midst of a chunk, and never behind a clear', () => {
    const { phone, payload } = scene()
    const matcher = phone()
    matcher.took(payload(0).slice(0, 40), 20)
    const bytes = Buffer.from(payload(0))
    expect(matcher.tookNext(voice.text, bytes, 0, 20)).toBe(false)
    matcher.cut()
    expect(matcher.tookNext(voice.text, bytes, 0, 20)).toBe(false)
  })

  test('the two forms of a chunk are the same sound', () => {
    const text = Buffer.alloc(voice.text.length)
    const sound = Buffer.alloc(voice.sound.length)
    for (const [stream, place] of [
      [1, 0],
      [70_000, 5_000_000],
    ] as const) {
      voice.text.put(text, 0, stream, place)
      voice.sound.put(sound, 0, stream, place)
      expect(sound.toString('base64')).toBe(text.toString('latin1'))
    }
  })
})

test('a tape tells when each chunk was sent, and where something begins, from the time 0 on', () => {
  const tape = createTape(1)
  for (const [ms, begins] of [
    [0, true],
    [0, false],
    [7.5, true],
  ] as const)
    record(tape, ms, begins)
  expect([0, 1, 2, 3].map((place) => [sentAtMs(tape, place), beginsAt(tape, place)])).toEqual([
    [0, true],
    [0, false],
    [7.5, true],
    [undefined, false],
  ])
})

test('base64 that is not written as it should be is corrupt, even where it says the right thing', () => {
  const { phone, payload } = scene()
  const matcher = phone()
  matcher.took(payload(0), 20)
  matcher.took(payload(1).replace(/=*$/, ''), 20)
  expect(matcher.faults).toEqual({ ...none, corrupt: 1 })
})

describe('behind a clear', () => {
  test('the rest of what was being said need not come', () => {
    const { phone, payload } = scene()
    const matcher = phone()
    for (const place of [0, 1]) matcher.took(payload(place), 20)
    matcher.cut()
    for (const place of [4, 5, 6]) matcher.took(payload(place), 20)
    expect(matcher.faults).toEqual(none)
  })

  test('and it must not: sound that was silenced is a fault, even the very next chunk', () => {
    const { phone, payload } = scene()
    const matcher = phone()
    for (const place of [0, 1]) matcher.took(payload(place), 20)
    matcher.cut()
    for (const place of [2, 3, 4]) matcher.took(payload(place), 20)
    expect(matcher.faults).toEqual({ ...none, silenced: 2 })
  })

  test('what is said next has to be whole again', () => {
    const { phone, payload } = scene()
    const matcher = phone()
    matcher.took(payload(0), 20)
    matcher.cut()
    for (const place of [4, 6]) matcher.took(payload(place), 20)
    expect(matcher.faults).toEqual({ ...none, lost: 1 })
  })
})
