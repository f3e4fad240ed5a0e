import { type IncomingMessage, request as openRequest } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Problem } from '../../src/http/api/problem.ts'
import { startWorld, type World } from '../world.ts'
import { apiOf } from './api-client.ts'

const to = '+15551230001'
const message = 'Your order has shipped.'
const keys = ['the-first-key-0123456789', 'the-other-key-9876543210'] as const

interface Opened {
  readonly status: number
  readonly response: IncomingMessage
  leave(): Promise<void>
}

/** One reader of the events of a call, on a connection of its own. */
async function open(world: World, callId: string, key?: string): Promise<Opened> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
  const asked = openRequest(`${world.publicUrl}/calls/${callId}/events`, { headers, agent: false })
  asked.on('error', () => {})
  asked.end()
  const response = await new Promise<IncomingMessage>((resolve) => void asked.once('response', resolve))
  response.on('error', () => {})
  const closed = new Promise<void>((resolve) => void response.once('close', () => resolve()))
  return {
    status: response.statusCode ?? 0,
    response,
    async leave() {
      asked.destroy()
      await closed
    },
  }
}

async function problemOf({ response }: Opened): Promise<Problem> {
  let text = ''
  for await (const chunk of response) text += String(chunk)
  return JSON.parse(text) as Problem
}

/** The server learns that a reader has left a little later than the reader. */
async function opensAgain(world: World, callId: string, key?: string): Promise<Opened> {
  for (let tries = 0; tries < 200; tries++) {
    const opened = await open(world, callId, key)
    if (opened.status === 200) return opened
    await opened.leave()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('no room was made')
}

async function ringing(world: World, headers: Record<string, string> = {}): Promise<string> {
  world.network.phone(to, { answer: { afterMs: 60_000 } })
  return (await apiOf(world).place(to, message, headers)).body.callId
}

describe('event streams have a limit', () => {
  test('each key has so many, and all together so many; both say when to try again; who leaves makes room', async () => {
    const settings = { API_KEYS: keys.join(','), EVENT_STREAMS_PER_KEY: '2', MAX_EVENT_STREAMS: '3' }
    await using world = await startWorld({ settings })
    const callId = await ringing(world, { authorization: `Bearer ${keys[0]}` })
    const first = await open(world, callId, keys[0])
    const rest = [await open(world, callId, keys[0]), await open(world, callId, keys[1])]
    expect([first, ...rest].map(({ status }) => status)).toEqual([200, 200, 200])
    const own = await open(world, callId, keys[0])
    expect(own.response.headers['retry-after']).toBe('5')
    expect(own.response.headers['content-type']).toContain('application/problem+json')
    expect(await problemOf(own)).toMatchObject({ status: 429, code: 'limit.event-streams-per-key', retryable: true })
    const all = await open(world, callId, keys[1])
    expect(all.response.headers['retry-after']).toBe('5')
    expect(await problemOf(all)).toMatchObject({ status: 503, code: 'limit.event-streams', retryAfterMs: 5000 })
    expect(world.app.refusals.counts['too-many-event-streams']).toBe(2)
    // The rest of the API goes on.
    const { status } = await apiOf(world).get(`/calls/${callId}`, { authorization: `Bearer ${keys[0]}` })
    expect(status).toBe(200)
    await first.leave()
    const again = await opensAgain(world, callId, keys[1])
    for (const reader of [...rest, again]) await reader.leave()
  })

  test('the end of a call gives all of its places back', async () => {
    await using world = await startWorld({ settings: { EVENT_STREAMS_PER_KEY: '2' } })
    const callId = await ringing(world)
    const readers = [await open(world, callId), await open(world, callId)]
    expect((await open(world, callId)).status).toBe(429)
    for (const { response } of readers) response.resume()
    await apiOf(world).hangUp(callId)
    await world.clock.advance(5000)
    const next = await ringing(world)
    const after = [await opensAgain(world, next), await open(world, next)]
    expect(after.map(({ status }) => status)).toEqual([200, 200])
    expect((await open(world, next)).status).toBe(429)
    for (const reader of after) await reader.leave()
  })

  test('a call that is over needs a place only for as long as it takes to send', async () => {
    await using world = await startWorld({ settings: { EVENT_STREAMS_PER_KEY: '1' } })
    const callId = await ringing(world)
    await apiOf(world).hangUp(callId)
    await world.clock.advance(5000)
    for (let reader = 0; reader < 5; reader++) {
      const { response } = await opensAgain(world, callId)
      let text = ''
      for await (const chunk of response) text += String(chunk)
      expect(text).toContain('event: ended')
    }
  })

  test('streams behind one another on one connection hold nothing: only the first is one', async () => {
    await using world = await startWorld({ settings: { EVENT_STREAMS_PER_KEY: '2' } })
    const callId = await ringing(world)
    const { hostname, port, host } = new URL(world.publicUrl)
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.on('data', (data: Buffer) => (text += data.toString())).on('error', () => {})
    socket.write(`GET /calls/${callId}/events HTTP/1.1\r\nHost: ${host}\r\n\r\n`.repeat(30))
    while (!text.includes('event: ringing')) await world.clock.advance(500)
    // One of two places is free.
    const beside = await open(world, callId)
    expect(beside.status).toBe(200)
    await beside.leave()
    await apiOf(world).hangUp(callId)
    await world.clock.advance(5000)
    while (text.split('HTTP/1.1 ').length <= 30) await new Promise((resolve) => setTimeout(resolve, 5))
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((found) => found[1])
    expect(statuses).toEqual(['200', ...Array.from({ length: 29 }, () => '400')])
    socket.destroy()
  })
})
