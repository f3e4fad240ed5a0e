import { expect, test } from 'vitest'
import { createPackets } from '../../../../src/hearing/deepgram/packets.ts'

const frame = (byte: number, length = 160) => Buffer.alloc(length, byte)

test('frames go out together, in their order, once there are enough of them', () => {
  const packets = createPackets(640)
  expect([1, 2, 3].map((byte) => packets.push(frame(byte)))).toEqual([undefined, undefined, undefined])
  expect(packets.push(frame(4))).toEqual(Buffer.concat([1, 2, 3, 4].map((byte) => frame(byte))))
  expect(packets.push(frame(5))).toBeUndefined()
})

test('a frame that is long enough goes out alone, but never before one that waits', () => {
  const packets = createPackets(640)
  expect(packets.push(frame(1, 700))).toEqual(frame(1, 700))
  expect(packets.push(frame(2))).toBeUndefined()
  expect(packets.push(frame(3, 700))).toEqual(Buffer.concat([frame(2), frame(3, 700)]))
})

test('without a least length each goes as it came; nothing is no frame', () => {
  const packets = createPackets(0)
  expect(packets.push(frame(1))).toEqual(frame(1))
  expect(packets.push(Buffer.alloc(0))).toBeUndefined()
})

test('what waits is not changed with the memory it came in', () => {
  const packets = createPackets(320)
  const shared = frame(1)
  packets.push(shared)
  shared.fill(2)
  expect(packets.push(shared)).toEqual(Buffer.concat([frame(1), frame(2)]))
})
