import { type IncomingMessage, request as openRequest } from 'node:http'
import { describe, expect, test } from 'vitest'
import { createMemoryRecords } from '../../src/store/memory-records.ts'
import { aRecord, anEndedRecord } from '../contract/record-fixtures.ts'
import { startWorld, type World } from '../world.ts'
import { apiOf } from './api-client.ts'

const to = '+15551230001'
const message = 'Your order has shipped. It comes on Monday.'

interface Sent {
  readonly id: number
  readonly event: string
  readonly data: Record<string, unknown>
}

function parse(text: string): Sent[] {
  const blocks = text.split('\n\n').filter((block) => block.startsWith('id: '))
  return blocks.map((block) => {
    const [id = '', event = '', data = ''] = block.split('\n').map((line) => line.slice(line.indexOf(': ') + 2))
    return { id: Number(id), event, data: JSON.parse(data) as Record<string, unknown> }
  })
}

/** The whole stream, as text, once it has ended. */
async function follow(world: World, callId: string, lastEventId?: string): Promise<{ status: number; text: string }> {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  const response = await fetch(`${world.publicUrl}/calls/${callId}/events`, { headers })
  return { status: response.status, text: await response.text() }
}

describe('GET /calls/:id/events', () => {
  test('tells each event once, in order, and ends when the outcome is known', async () => {
    await using world = await startWorld()
    const api = apiOf(world)
    world.network.phone(to, { steps: [{ afterHeardMs: 800, press: '7' }] })
    const { callId } = (await api.place(to, message)).body
    const following = follow(world, callId)
    const late = world.clock.advance(4000).then(() => follow(world, callId))
    const { text } = await world.until(following)
    const events = parse(text)
    const ids = events.map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b))
    const types = events.map(({ event }) => event).filter((event) => event !== 'progress')
    const steps = ['dialling', 'queued', 'ringing', 'answered', 'streaming', 'first-audio', 'key', 'heard', 'ended']
    expect(types).toEqual(steps)
    for (const { id, event, data } of events) expect(data).toMatchObject({ sequence: id, type: event })
    expect((await api.get(`/calls/${callId}`)).body.outcome).toMatchObject({ status: 'heard', keys: '7' })
    // Who comes later gets all of it too, but for progress that was replaced.
    const caughtUp = parse((await late).text).map(({ event }) => event)
    expect(caughtUp.filter((event) => event !== 'progress')).toEqual(steps)
  })

  test('keys and spoken text are not in it', async () => {
    await using world = await startWorld()
    const api = apiOf(world)
    world.network.phone(to, { steps: [{ afterHeardMs: 800, press: '7' }] })
    const { callId } = (await api.place(to, message)).body
    const { text } = await world.until(follow(world, callId))
    const key = parse(text).find(({ event }) => event === 'key')
    expect(Object.keys(key?.data ?? {}).sort()).toEqual(['at', 'sequence', 'type'])
    expect(text).not.toMatch(/shipped|Monday|\+1555/)
  })

  test('goes on behind Last-Event-ID, during the call and after it; then says that nothing is left', async () => {
    await using world = await startWorld()
    const api = apiOf(world)
    world.network.phone(to)
    const { callId } = (await api.place(to, message)).body
    const following = follow(world, callId, '2')
    const { text } = await world.until(following)
    const [first] = parse(text)
    expect(first?.id).toBe(3)
    const all = parse((await follow(world, callId)).text)
    expect(all.map(({ event }) => event)).not.toContain('progress')
    const last = all.at(-1)
    expect(last?.event).toBe('ended')
    expect(parse((await follow(world, callId, String(all.at(-2)?.id))).text).map(({ id }) => id)).toEqual([last?.id])
    expect(await follow(world, callId, String(last?.id))).toEqual({ status: 204, text: '' })
    // What is no number of ours begins from the start; a number far ahead waits for nothing.
    for (const odd of ['x', '-1', '1e3', ''])
      expect(parse((await follow(world, callId, odd)).text)).toHaveLength(all.length)
    expect((await follow(world, callId, '999999999999999')).status).toBe(204)
    expect((await follow(world, callId, '9'.repeat(21))).status).toBe(400)
  })

  test('of calls before a restart, what is on record', async () => {
    const records = createMemoryRecords()
    await records.save(anEndedRecord('ended'))
    await records.save(aRecord('lost'))
    await using world = await startWorld({ records })
    for (const callId of ['ended', 'lost'])
      expect(parse((await follow(world, callId)).text).map(({ event }) => event)).toEqual(['dialling'])
    expect((await follow(world, 'lost', '1')).status).toBe(204)
  })

  test('a quiet stream carries a comment every fifteen seconds', async () => {
    await using world = await startWorld()
    const api = apiOf(world)
    world.network.phone(to, { answer: { afterMs: 40_000 } })
    const { callId } = (await api.place(to, message)).body
    const { text } = await world.until(follow(world, callId))
    expect(text.match(/^: /gm)?.length).toBeGreaterThanOrEqual(2)
  })

  test('readers that leave, and readers that do not read, disturb neither the call nor the memory', async () => {
    await using world = await startWorld()
    const api = apiOf(world)
    world.network.phone(to, { answer: { afterMs: 5_000 } })
    const { callId } = (await api.place(to, message)).body
    const call = world.app.calls()[0]
    const leavers = Array.from({ length: 20 }, () => new AbortController())
    await Promise.all(leavers.map(({ signal }) => fetch(`${world.publicUrl}/calls/${callId}/events`, { signal })))
    for (const leaver of leavers) leaver.abort()
    const deaf = openRequest(`${world.publicUrl}/calls/${callId}/events`)
    const answered = new Promise<IncomingMessage>((resolve) => void deaf.once('response', resolve))
    deaf.on('error', () => {})
    deaf.end()
    const response = (await answered).pause()
    const gone = new Promise<void>((resolve) => void response.on('error', () => {}).on('close', () => resolve()))
    // More keys than a socket's buffers hold, from a callee who presses all of them at once.
    for (let index = 0; index < 200_000; index++) call?.key('1')
    const outcome = await world.until(call?.outcome ?? Promise.reject(new Error('no call')))
    expect(outcome).toMatchObject({ status: 'heard' })
    // Now it reads what was still under way: not all, and not the end.
    let late = ''
    response.on('data', (chunk: Buffer) => {
      late += chunk.toString()
    })
    response.resume()
    await gone
    expect(late.includes('event: ended')).toBe(false)
    expect((await api.get(`/calls/${callId}`)).body.timeline).toHaveLength(200)
  })
})
