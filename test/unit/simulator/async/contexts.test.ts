import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Voice } from '../../../../src/simulator/voice.ts'
import { ready } from './harness.ts'

test('a context id that is no UUID is answered by an empty final and silence', async () => {
  const { clock, service, client } = await ready()
  client.say('Hello. ', 'ctx-1')
  await clock.advance(5000)
  expect(client.frames).toEqual([{ context_id: 'ctx-1', audio: '', final: true }])
  expect(service.spoken).toEqual([])
  expect(service.faults.map((it) => it.code)).toEqual(['context-not-uuid'])
})

test('as a switch, any context id is honoured', async () => {
  const { clock, client } = await ready({ contextIds: 'honoured' })
  client.say('Hello. ', 'ctx-1')
  client.end('ctx-1')
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^a+F$/)
})

test('as a switch, only the id of init_ack speaks, or no id at all', async () => {
  const { clock, client, id } = await ready({ contextIds: 'server-only', initAck: true })
  const serverId = client.frames[0]?.context_id
  client.say('Hello. ', id)
  await clock.advance(5000)
  expect(client.frames.slice(1)).toEqual([{ context_id: id, audio: '', final: true }])
  client.say('Hello. ', serverId)
  client.say('Hello. ')
  client.end(serverId)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^\?Fa+F$/)
  expect(client.audio(serverId)).toHaveLength(2 * 'Hello.'.length * 480)
})

test('as a switch, replies carry no context_id', async () => {
  const { clock, client, id } = await ready({ contextIdInReplies: false })
  client.say('Hello. ', id)
  client.say('Hello. ', 'ctx-1')
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^Fa+F$/)
  expect(client.frames.filter((frame) => 'context_id' in frame)).toEqual([])
})

test('the end of the default context leaves the socket open, or as a switch closes it', async () => {
  const { clock, service, client } = await ready()
  client.say('Hello. ')
  client.end()
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^a+F$/)
  expect(service.connections).toBe(1)
  service.behaviour.defaultContextEnd = 'closes-socket'
  client.say('Hello. ')
  client.end()
  await clock.runUntil(client.closed)
  expect(client.shape()).toMatch(/^a+Fa+F$/)
})

test('where the default context closes the socket, another context does not', async () => {
  const { clock, service, client, id } = await ready({ defaultContextEnd: 'closes-socket' })
  client.say('Hello. ', id)
  client.end(id)
  await clock.advance(5000)
  expect(service.connections).toBe(1)
})

test('end of input gives the remaining audio without a final, as a switch', async () => {
  const { clock, client, id } = await ready({ endOfInput: 'no-final' })
  client.say('Hello. ', id)
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^a+$/)
})

test('close_context is graceful: held text and the rest of the audio come, then final', async () => {
  const { clock, client, id } = await ready()
  client.say('Hello there. ', id)
  client.say('Held. ', id, false)
  client.closeContext(id)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^a+F$/)
  expect(client.audio()).toHaveLength(480 * ('Hello there.'.length + 'Held.'.length))
})

test('a truncating close_context sends the chunk in the making, then final, and nothing more', async () => {
  const { clock, service, client, id } = await ready({ closeContext: 'truncating' })
  client.say('A sentence that is long enough. ', id)
  client.say('Another one. ', id)
  client.closeContext(id)
  await clock.advance(5000)
  expect(client.shape()).toBe('aF')
  expect(client.audio()).toEqual(Buffer.from(service.spoken[0]?.audio ?? []))
  expect(service.spoken).toHaveLength(1)
})

test('an emptying close_context gives final at once and no sample after it', async () => {
  const { clock, client, id } = await ready({ closeContext: 'emptying' })
  client.say('A sentence that is long enough. ', id)
  client.closeContext(id)
  await clock.advance(5000)
  expect(client.shape()).toBe('F')
  expect(client.atMs).toEqual([0])
})

test('a cut of one context leaves the others whole, and does not delay them', async () => {
  const { clock, service, client, id } = await ready({ closeContext: 'emptying' })
  const other = randomUUID()
  client.say('A sentence that is long enough. ', id)
  client.say('Hello. ', other)
  client.end(other)
  await clock.advance(160)
  client.closeContext(id)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^aFa+F$/)
  expect(client.audio(id)).toHaveLength(1600)
  expect(client.audio(other)).toEqual(Buffer.from(service.spoken[1]?.audio ?? []))
  expect(client.audio(other)).toHaveLength(480 * 'Hello.'.length)
})

test.each(['truncating', 'emptying'] as const)(
  'late chunks come after the final of a %s close',
  async (closeContext) => {
    const { clock, service, client, id } = await ready({ closeContext, lateChunks: 2 })
    client.say('A sentence that is long enough. ', id)
    await clock.advance(160)
    client.closeContext(id)
    await clock.advance(5000)
    expect(client.shape()).toBe(closeContext === 'truncating' ? 'aaFaa' : 'aFaa')
    expect(client.audio()).toEqual(Buffer.from(service.spoken[0]?.audio ?? []))
  },
)

test.each(['graceful', 'truncating', 'emptying'] as const)(
  'a %s close of a context that has nothing gives final',
  async (closeContext) => {
    const { clock, client, id } = await ready({ closeContext })
    client.closeContext(id)
    await clock.advance(1000)
    expect(client.frames).toEqual([{ context_id: id, audio: '', final: true }])
  },
)

test('final can come early, behind the first audio after the end of input, while the rest follows', async () => {
  const { clock, client, id } = await ready({ final: 'early' })
  client.say('Hello there. ', id)
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toBe('aFaaa')
})

test('final can stand on the last audio frame', async () => {
  const { clock, client, id } = await ready({ final: 'with-last-audio' })
  client.say('Hello there. ', id)
  client.say('Bye. ', id)
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^a+A$/)
})

test('final that would stand on the last audio comes by itself when the end of input came too late', async () => {
  const { clock, client, id } = await ready({ final: 'with-last-audio' })
  client.say('Hello there. ', id)
  await clock.advance(5000)
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^a+F$/)
})

test('final can come twice, late, or not at all', async () => {
  const { clock, service, client, id } = await ready({ final: 'twice' })
  client.say('Hello. ', id)
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^a+FF$/)
  service.behaviour.final = 'missing'
  client.say('Hello. ', id)
  client.closeContext(id)
  await clock.advance(5000)
  expect(client.shape()).toMatch(/^a+FFa+$/)
  service.behaviour.final = 'at-end'
  service.behaviour.finalDelayMs = 4000
  client.say('Hello. ', id)
  client.end(id)
  await clock.advance(10_000)
  expect((client.atMs.at(-1) ?? 0) - (client.atMs.at(-2) ?? 0)).toBe(4000)
})

test('an early final waits for the end of input', async () => {
  const { clock, client, id } = await ready({ final: 'early' })
  client.say('Hello there. ', id)
  await clock.advance(200)
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toBe('aaaFa')
})

test('final stands on the last audio frame also where the audio divides into whole chunks', async () => {
  const { clock, client, id } = await ready({ final: 'with-last-audio' })
  client.say('Ten chars. ', id)
  client.end(id)
  await clock.advance(5000)
  expect(client.shape()).toBe('aaA')
  const voice: Voice = async function* () {
    yield new Uint8Array(3200).fill(0x20)
  }
  const { clock: another, client: second } = await ready({ final: 'with-last-audio' }, { voice })
  second.say('Two chunks in one piece. ', id)
  second.end(id)
  await another.advance(5000)
  expect(second.shape()).toBe('aA')
})

test('a context opened during the late chunks of its predecessor is closed by itself', async () => {
  const { clock, service, client, id } = await ready({ closeContext: 'emptying', lateChunks: 3 })
  client.say('A sentence that is long enough. ', id)
  await clock.advance(160)
  client.closeContext(id)
  client.say('Hello. ', id)
  client.closeContext(id)
  await clock.advance(5000)
  expect(client.shape()).toBe('aFFaaa')
  expect(service.spoken).toHaveLength(1)
})

test.each(['truncating', 'emptying'] as const)(
  'after a %s close the same id opens a new context',
  async (closeContext) => {
    const { clock, client, id } = await ready({ closeContext, lateChunks: 1 })
    client.say('A sentence that is long enough. ', id)
    await clock.advance(160)
    client.say('Held. ', id, false)
    client.closeContext(id)
    client.say('Hello. ', id)
    client.end(id)
    await clock.advance(5000)
    expect(client.shape()).toBe(closeContext === 'truncating' ? 'aaFaaaF' : 'aFaaaF')
  },
)

test('late chunks do not hold up the next context longer than they last', async () => {
  const { clock, client, id } = await ready({ closeContext: 'emptying', lateChunks: 1, deliveryRate: 1 })
  client.say('A sentence that is long enough. ', id)
  client.closeContext(id)
  client.say('Hi. ', randomUUID())
  await clock.advance(5000)
  // 180 ms of audio, made at real time, behind the late chunk.
  expect(client.atMs).toEqual([0, 150, 330])
})
