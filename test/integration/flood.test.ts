import { Agent, request } from 'node:http'
import twilio from 'twilio'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { collectGarbage } from '../left-behind.ts'
import { secrets, startWorld, type World } from '../world.ts'

/** What is in use, buffers too, once garbage is gone. */
function usedBytes(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Opens a socket and gives back the status of the refusal, or 101 and later the close code. */
function attempt(world: World, signature: string): Promise<{ status: number; closed: Promise<number> }> {
  const socket = new WebSocket(`${world.publicUrl.replace('http', 'ws')}/twilio/media`, {
    headers: { 'x-twilio-signature': signature },
  })
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  socket.on('error', () => {})
  return new Promise((resolve) => {
    socket.once('open', () => resolve({ status: 101, closed }))
    socket.once('unexpected-response', (_request, response) => {
      response.resume()
      socket.terminate()
      resolve({ status: response.statusCode ?? 0, closed })
    })
  })
}

function forge(world: World, agent: Agent, index: number): Promise<number> {
  const body = `CallSid=CA${String(index).padStart(32, '0')}&AccountSid=${secrets.accountSid}&CallStatus=completed`
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': body.length,
    'x-twilio-signature': Buffer.from(`forged ${index}`).toString('base64'),
  }
  return new Promise((resolve, reject) => {
    const sent = request(`${world.publicUrl}/twilio/status`, { agent, method: 'POST', headers }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function inGroups<T>(count: number, size: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (let from = 0; from < count; from += size)
    results.push(
      ...(await Promise.all(Array.from({ length: Math.min(size, count - from) }, (_, at) => work(from + at)))),
    )
  return results
}

test('a thousand sockets and ten thousand forged webhooks while fifty calls play: no call is disturbed', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  await using world = await startWorld({
    real: true,
    network: { behaviour: { streamConnectMs: 30_000 } },
    // Room for the calls' own sockets, and less than comes at once.
    settings: { MAX_PENDING_SOCKETS: '60' },
  })
  const texts = Array.from(
    { length: 50 },
    (_, index) => `Call ${index} goes on, whatever happens at the door beside it.`,
  )
  const phones = texts.map((_, index) => world.network.phone(`+155512301${String(index).padStart(2, '0')}`))
  const before = usedBytes()
  const calls = texts.map((text, index) => world.dial(phones[index]?.number ?? '', text))
  await Promise.all(calls.map((call) => call.streaming))

  const url = `${world.publicUrl.replace('http', 'ws')}/twilio/media`
  // The signature of a handshake is the same each time: somebody may have seen one.
  const replayed = twilio.getExpectedTwilioSignature(secrets.authToken, url, {})
  const [sockets, webhooks] = await Promise.all([
    inGroups(1000, 200, (index) => attempt(world, index % 2 === 0 ? replayed : `forged${index}`)),
    inGroups(10_000, 20, (index) => forge(world, agent, index)),
  ])
  expect(new Set(webhooks)).toEqual(new Set([403]))
  const statuses = sockets.map((socket) => socket.status)
  expect(statuses.filter((_, index) => index % 2 === 1)).toEqual(Array.from({ length: 500 }, () => 403))
  const admitted = sockets.filter((socket) => socket.status === 101)
  expect(statuses.filter((_, index) => index % 2 === 0).every((status) => status === 101 || status === 503)).toBe(true)
  const { counts } = world.app.refusals
  expect(counts['unsigned-webhook']).toBe(10_000)
  expect(counts['unsigned-handshake']).toBe(500)
  expect(counts['too-many-pending']).toBe(500 - admitted.length)
  expect(counts['too-many-pending']).toBeGreaterThan(0)

  const outcomes = await Promise.all(calls.map((call) => call.outcome))
  await Promise.all(phones.map((phone) => phone.ended))
  expect(new Set(outcomes.map((outcome) => outcome.status))).toEqual(new Set(['heard']))
  const exact = texts.map((text, index) => {
    const produced = world.async.spoken
      .filter((one) => one.transcript.includes(text.slice(0, 20)))
      .map((one) => one.audio)
    return Buffer.compare(Buffer.from(phones[index]?.heard ?? []), Buffer.concat(produced)) === 0
  })
  expect(exact).toEqual(texts.map(() => true))

  // Who never says start is sent away.
  expect(new Set(await Promise.all(admitted.map((socket) => socket.closed)))).toEqual(new Set([1008]))
  // The emulators keep what was played.
  const afterCalls = usedBytes()
  expect(afterCalls - before).toBeLessThan(61_048_576)

  // The doors keep nothing: the same again, in part and with no calls, and the memory is back to where it was.
  const knocks = await inGroups(300, 50, (index) => attempt(world, `forged${index}`))
  await inGroups(5000, 20, (index) => forge(world, agent, index))
  await Promise.all(knocks.map((socket) => socket.closed))
  agent.destroy()
  expect(usedBytes() - afterCalls).toBeLessThan(1_048_576)
  const { server, websocketServer } = world.app.server
  server.closeIdleConnections()
  expect(websocketServer.clients.size).toBe(0)
}, 120_000)
