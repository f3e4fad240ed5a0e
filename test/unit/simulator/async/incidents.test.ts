import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Incident, OddFrame } from '../../../../src/simulator/async/incidents.ts'
import { ready, start } from './harness.ts'

test('the documented limits come with their documented extra, flat, and without context_id', async () => {
  const codes = ['TOO_MANY_CONCURRENT_REQUESTS', 'RATE_LIMIT_EXCEEDED', 'USAGE_LIMIT_EXCEEDED'] as const
  const incidents = codes.map((code, i): Incident => ({ at: 'transcript', nth: i + 1, what: { kind: 'error', code } }))
  const { clock, client, id } = await ready({ incidents })
  for (let i = 0; i < 4; i++) client.say('Hello. ', id)
  client.end(id)
  await clock.advance(5000)
  expect(client.frames.slice(0, 3).map((it) => [it.error_code, it.extra])).toEqual([
    ['TOO_MANY_CONCURRENT_REQUESTS', { limit: 5, current: 7 }],
    ['RATE_LIMIT_EXCEEDED', { limit: 120, retry_after_ms: 8500 }],
    ['USAGE_LIMIT_EXCEEDED', { limit: 1_000_000, current: 1_250_000 }],
  ])
  expect(client.frames.slice(0, 3).filter((it) => 'context_id' in it)).toEqual([])
  // Each error refused its transcript; the fourth was spoken.
  expect(client.shape()).toMatch(/^XXXa{2}F$/)
})

test('an error can name its context, carry its own facts, and be wrapped as in HTTP', async () => {
  const what = { kind: 'error', code: 'RATE_LIMIT_EXCEEDED', extra: { limit: 1, retry_after_ms: 40 } } as const
  const { clock, service, client, id } = await ready({ errorContextId: true, incidents: [{ at: 'transcript', what }] })
  client.say('Hello. ', id)
  await clock.advance(0)
  expect(client.frames[0]).toMatchObject({ context_id: id, extra: { limit: 1, retry_after_ms: 40 } })
  service.behaviour.errorForm = 'detail'
  client.say('Hello. ', id)
  await clock.advance(0)
  expect(client.frames[1]).toMatchObject({ detail: { context_id: id, error_code: 'RATE_LIMIT_EXCEEDED' } })
})

test('an error at connect closes, on the connection it is meant for', async () => {
  const { clock, connect } = await start({
    incidents: [{ at: 'connect', connection: 1, what: { kind: 'error', code: 'TOO_MANY_CONCURRENT_REQUESTS' } }],
  })
  const first = connect()
  await clock.runUntil(first.closed)
  expect(first.errors()).toEqual(['TOO_MANY_CONCURRENT_REQUESTS'])
  const second = connect()
  await clock.runUntil(second.opened)
  second.init()
  second.say('Hello. ', randomUUID())
  await clock.advance(2000)
  expect(second.shape()).toMatch(/^a+$/)
})

test('an error at init closes, or leaves the socket without init, or changes nothing', async () => {
  const shapes: string[] = []
  for (const afterwards of ['close', 'abandon', 'go-on'] as const) {
    const what = { kind: 'error', code: 'USAGE_LIMIT_EXCEEDED', afterwards } as const
    const { clock, service, client, id } = await ready({ incidents: [{ at: 'init', what }] })
    if (service.connections > 0) client.say('Hi. ', id)
    await clock.advance(2000)
    shapes.push(client.shape())
    expect(service.connections).toBe(afterwards === 'close' ? 0 : 1)
  }
  expect(shapes).toEqual(['X', 'XX', 'Xa'])
})

test('an error amid audio drops the rest of the context, without final; the socket goes on', async () => {
  const what = { kind: 'error', code: 'USAGE_LIMIT_EXCEEDED' } as const
  const { clock, service, client, id } = await ready({ incidents: [{ at: 'audio', nth: 2, what }] })
  client.say('A sentence that is long enough. ', id)
  client.say('Another. ', id)
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toBe('aaX')
  expect(client.audio()).toEqual(Buffer.from(service.spoken[0]?.audio ?? []))
  client.say('Hello. ', randomUUID())
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^aaXa+$/)
})

test('an error amid audio can go on, or close', async () => {
  const error = { kind: 'error', code: 'USAGE_LIMIT_EXCEEDED' } as const
  const { clock, service, client, id } = await ready({
    incidents: [
      { at: 'audio', nth: 1, what: { ...error, afterwards: 'go-on' } },
      { at: 'audio', nth: 3, what: { ...error, afterwards: 'close' } },
    ],
  })
  client.say('A sentence that is long enough. ', id)
  await clock.runUntil(client.closed)
  expect(client.shape()).toBe('aXaaX')
  expect(service.connections).toBe(0)
})

test.each([
  ['unknown-json', '?'],
  ['not-an-object', '?'],
  ['wrong-types', '?'],
  ['prototype-keys', '?'],
  ['deep-json', '?'],
  ['huge', '?'],
  ['not-base64', 'a'],
  ['unknown-context', 'a'],
  ['malformed-json', ''],
  ['empty', ''],
  ['binary', ''],
] as const)('an odd frame (%s) comes amid the audio, which is untouched by it', async (frame, letter) => {
  const { clock, service, client, id } = await ready({
    chunks: { kind: 'whole' },
    incidents: [{ at: 'audio', what: { kind: 'frame', frame } }],
  })
  client.say('Hello. ', id)
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toBe(`a${letter}F`)
  expect(client.odd).toHaveLength(letter === '' ? 1 : 0)
  expect(Buffer.from(client.frames[0]?.audio ?? '', 'base64')).toEqual(Buffer.from(service.spoken[0]?.audio ?? []))
})

test('odd frames are what their names say', async () => {
  const { clock, service, client } = await ready()
  const strike = async (frame: OddFrame, bytes?: number) => {
    service.strike({ kind: 'frame', frame, ...(bytes === undefined ? {} : { bytes }) })
    await clock.advance(0)
  }
  await strike('binary')
  await strike('malformed-json')
  expect(client.odd[0]).toBeInstanceOf(Buffer)
  expect(() => void JSON.parse(String(client.odd[1]))).toThrow()
  await strike('not-base64')
  expect(client.frames.at(-1)?.audio).toMatch(/[^A-Za-z0-9+/=]/)
  await strike('huge', 100_000)
  expect(JSON.stringify(client.frames.at(-1)).length).toBeGreaterThan(100_000)
})

test.each([false, true])('TCP can be lost amid an utterance (reset: %s)', async (reset) => {
  const { clock, service, client, id } = await ready({
    incidents: [{ at: 'audio', nth: 2, connection: 1, what: { kind: 'drop', reset } }],
  })
  client.say('A sentence that is long enough. ', id)
  expect((await clock.runUntil(client.closed)).code).toBe(1006)
  expect(service.connections).toBe(0)
  expect(service.spoken[0]?.audio).toHaveLength(3200)
})

test('the socket can be closed amid an utterance with any code', async () => {
  const { clock, client, id } = await ready({
    incidents: [{ at: 'audio', nth: 2, what: { kind: 'close', code: 1011, reason: 'oops' } }],
  })
  client.say('A sentence that is long enough. ', id)
  expect(await clock.runUntil(client.closed)).toEqual({ code: 1011, reason: 'oops' })
  expect(client.shape()).toBe('aa')
})

test('a stall sends nothing more, not even a pong or the timeout, and still takes messages in', async () => {
  const { clock, service, client, id } = await ready({ incidents: [{ at: 'audio', nth: 2, what: { kind: 'stall' } }] })
  let pongs = 0
  client.socket.on('pong', () => pongs++)
  client.say('A sentence that is long enough. ', id)
  await clock.advance(1000)
  client.socket.ping()
  client.end(id)
  await clock.advance(120_000)
  expect(client.shape()).toBe('aa')
  expect(pongs).toBe(0)
  expect(service.received.at(-1)?.kind).toBe('end')
  expect(service.connections).toBe(1)
  expect(service.spoken[0]?.audio).toHaveLength(3200)
})

test('a frozen network neither sends nor reads', async () => {
  const { clock, service, client, id } = await ready({ incidents: [{ at: 'audio', nth: 1, what: { kind: 'freeze' } }] })
  client.say('A sentence that is long enough. ', id)
  await clock.advance(1000)
  const before = service.received.length
  client.end(id)
  await clock.advance(120_000)
  expect(client.shape()).toBe('a')
  expect(service.received).toHaveLength(before)
  expect(service.connections).toBe(1)
  await service.close()
  expect(service.connections).toBe(0)
})

test('a strike is for the connection it names', async () => {
  const { clock, service, client, connect } = await ready()
  const other = connect()
  await clock.runUntil(other.opened)
  service.strike({ kind: 'error', code: 'RATE_LIMIT_EXCEEDED' }, 2)
  await clock.advance(0)
  expect(client.errors()).toEqual([])
  expect(other.errors()).toEqual(['RATE_LIMIT_EXCEEDED'])
})

test('keepalives, flushes and ends do not count as transcripts', async () => {
  const what = { kind: 'error', code: 'RATE_LIMIT_EXCEEDED' } as const
  const { clock, client, id } = await ready({ incidents: [{ at: 'transcript', nth: 2, what }] })
  client.send({ transcript: ' ' })
  client.say('One. ', id)
  client.say(' ', id)
  client.end(id)
  await clock.advance(5000)
  expect(client.errors()).toEqual([])
  client.say('Two. ', id)
  await clock.advance(0)
  expect(client.errors()).toEqual(['RATE_LIMIT_EXCEEDED'])
})
