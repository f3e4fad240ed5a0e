import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { TimelineEntry } from '../../../src/call/timeline-entry.ts'
import { openEventStream } from '../../../src/http/api/event-stream.ts'
import { createSteppedClock } from '../../../src/simulator/clock.ts'

const entry: TimelineEntry = { sequence: 1, at: '2026-01-05T12:00:00.000Z', type: 'ringing' }
/** So that the operating systems' buffers are soon full. */
const long: TimelineEntry = { ...entry, callSid: 'x'.repeat(50_000) }

/** One stream over a real socket, whose reader reads nothing until told to. */
async function streamed() {
  const clock = createSteppedClock()
  const arrived = Promise.withResolvers<ServerResponse>()
  const server = createServer((_request, response) => arrived.resolve(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const asked = request({ port, host: '127.0.0.1', agent: false })
  asked.on('error', () => {})
  asked.end()
  onTestFinished(() => void asked.destroy())
  const response = await arrived.promise
  let closed = 0
  const stream = openEventStream(response, clock, () => closed++)
  const reader = await new Promise<IncomingMessage>((resolve) => void asked.once('response', resolve))
  reader.on('error', () => {}).pause()
  /** Until what was sent waits here, since the operating systems' buffers are full. */
  async function fill(): Promise<void> {
    for (let sent = 0; stream.open && sent < 10_000; sent++) {
      stream.send(long)
      for (let waited = 0; response.writableLength > 0 && waited < 5; waited++) await turn()
      if (response.writableLength > 0) return
    }
  }
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5))
  return {
    clock,
    response,
    stream,
    reader,
    turn,
    closed: () => closed,
    fill,
  }
}

describe('a stream of events', () => {
  test('what waits for a reader that does not read has a bound', async () => {
    const { stream, response, closed } = await streamed()
    let mostBytes = 0
    for (let sent = 0; stream.open && sent < 200_000; sent++) {
      mostBytes = Math.max(mostBytes, response.writableLength)
      stream.send(entry)
    }
    expect([stream.open, closed(), response.destroyed]).toEqual([false, 1, true])
    expect(mostBytes).toBeGreaterThan(100_000)
    expect(mostBytes).toBeLessThanOrEqual(262_144)
  })

  test('a reader that takes nothing from one heartbeat to the next is cut off', async () => {
    const { clock, stream, response, fill, closed } = await streamed()
    await fill()
    expect(stream.open).toBe(true)
    await clock.advance(15_000)
    expect(stream.open).toBe(true)
    await clock.advance(15_000)
    expect([stream.open, closed(), response.destroyed]).toEqual([false, 1, true])
    expect(clock.timers).toBe(0)
  })

  test('a reader that takes something now and then is kept', async () => {
    const { clock, stream, response, reader, fill, turn, closed } = await streamed()
    await fill()
    for (let beat = 0; beat < 2; beat++) {
      await clock.advance(15_000)
      const waiting = response.writableLength
      reader.resume()
      while (response.writableLength >= waiting) await turn()
      reader.pause()
      await turn()
      await fill()
    }
    expect([stream.open, closed()]).toEqual([true, 0])
  })

  test('a quiet stream with a reader goes on, and holds one timer', async () => {
    const { clock, stream, reader } = await streamed()
    reader.resume()
    await clock.advance(600_000)
    expect([stream.open, clock.timers]).toEqual([true, 1])
  })

  test('after the end a reader has ten seconds for what is left', async () => {
    const { clock, stream, response, fill, closed } = await streamed()
    await fill()
    stream.end()
    await clock.advance(9999)
    expect(closed()).toBe(0)
    await clock.advance(1)
    expect([stream.open, closed(), response.destroyed, clock.timers]).toEqual([false, 1, true, 0])
  })

  test('a reader that leaves leaves nothing', async () => {
    const { clock, stream, reader, turn, closed } = await streamed()
    reader.destroy()
    while (stream.open) await turn()
    stream.send(entry)
    stream.end()
    expect([closed(), clock.timers]).toEqual([1, 0])
  })
})
