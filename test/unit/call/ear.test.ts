import { expect, test } from 'vitest'
import { createEar } from '../../../src/call/ear.ts'

function stage() {
  const over = new AbortController()
  return { over, ear: createEar(over.signal) }
}

test('frames are worth parsing while somebody listens, and at no other time', () => {
  const { ear } = stage()
  expect(ear.attention.listening).toBe(false)
  const first = ear.listen(() => {})
  const second = ear.listen(() => {})
  first()
  first()
  expect(ear.attention.listening).toBe(true)
  second()
  expect(ear.attention.listening).toBe(false)
})

test('every listener gets every frame with its time, in order, until it leaves', () => {
  const { ear } = stage()
  const heard: unknown[] = []
  const listener = (payload: string, timestampMs: number) => void heard.push([payload, timestampMs])
  const leave = ear.listen(listener)
  ear.listen(listener)
  ear.audio('AA==', 20)
  leave()
  ear.audio('BB==', 60)
  expect(heard).toEqual([
    ['AA==', 20],
    ['AA==', 20],
    ['BB==', 60],
  ])
})

test('a listener that throws is dropped, and the others hear on', () => {
  const { ear } = stage()
  let heard = 0
  ear.listen(() => {
    throw new Error('a fault of the listener')
  })
  ear.listen(() => void heard++)
  ear.audio('AA==', 20)
  ear.audio('AA==', 40)
  expect(heard).toBe(2)
})

test('the end of the call lets all listeners go, and takes no new ones', () => {
  const { over, ear } = stage()
  ear.listen(() => expect.unreachable())
  over.abort()
  ear.listen(() => expect.unreachable())
  ear.audio('AA==', 20)
  expect(ear.attention.listening).toBe(false)
})

test('an object may listen as a function does, twice and leave once', () => {
  const { ear } = stage()
  const heard: unknown[] = []
  const taker = { audio: (payload: string) => void heard.push(payload) }
  const leave = ear.listen(taker)
  ear.listen(taker)
  leave()
  leave()
  ear.attention.audio('AA==', 20)
  expect(heard).toEqual(['AA=='])
})

test('who is let go while a frame is told does not hear it any more', () => {
  const { ear } = stage()
  let leave = () => {}
  ear.listen(() => leave())
  leave = ear.listen(() => expect.unreachable())
  ear.audio('AA==', 20)
  expect(ear.attention.listening).toBe(true)
})

test('a way out that is spent takes nobody else away, also where the same object listens again', () => {
  const ear = createEar(new AbortController().signal)
  let heard = 0
  const taker = {
    audio() {
      if (heard++ === 0) throw new Error('the first is one too many')
    },
  }
  const leave = ear.listen(taker)
  ear.audio('AA', 0)
  ear.listen(taker)
  leave()
  ear.audio('AA', 20)
  expect(heard).toBe(2)
})
