import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import twilio from 'twilio'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Flow } from '../../src/flows/flow.ts'
import { readScrape, type Scrape } from '../prometheus.ts'
import { secrets, startWorld, type World } from '../world.ts'

const text = 'One sentence to be heard. And another one.'

async function scrape(world: World): Promise<Scrape> {
  const answer = await fetch(`${world.publicUrl}/metrics`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4')
  return readScrape(await answer.text())
}

function mediaSocket(world: World, signed: boolean): WebSocket {
  const url = `${world.publicUrl.replace('http', 'ws')}/twilio/media`
  const signature = twilio.getExpectedTwilioSignature(signed ? secrets.authToken : 'wrong', url, {})
  const socket = new WebSocket(url, { headers: { 'x-twilio-signature': signature } })
  socket.on('error', () => {})
  return socket
}

const ended = (socket: WebSocket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))

/** A busy run: calls of several ends, an interruption, a speech service that fails, strangers at both doors. */
async function busyRun(world: World): Promise<void> {
  const refusal = { kind: 'error', code: 'USAGE_LIMIT_EXCEEDED' } as const
  // The first connection, which is the first call's, is refused.
  world.async.behaviour.incidents = [{ at: 'init', connection: 1, what: refusal }]
  world.network.phone('+15551230006', { answer: { afterMs: 2000 } })
  await world.dial('+15551230006', text).outcome

  const numbers = ['+15551230001', '+15551230002', '+15551230003', '+15551230005']
  for (const number of numbers) world.network.phone(number, { answer: { afterMs: 50 } })
  world.network.phone('+15551230004', { answer: 'busy' })
  const interrupting: Flow = async (call) => {
    const saying = call.say(text)
    await new Promise((resolve) => setTimeout(resolve, 1000))
    saying.interrupt()
    await saying
  }
  const calls = [
    ...numbers.slice(0, 3).map((number) => world.dial(number, text)),
    world.dial('+15551230004', text),
    world.dial('+15551230005', text, {}, interrupting),
  ]
  await new Promise((resolve) => setTimeout(resolve, 1000))
  expect((await scrape(world)).sum('callbridge_calls', 'state="streaming"')).toBeGreaterThan(0)
  await Promise.all(calls.map((call) => call.outcome))

  await fetch(`${world.publicUrl}/twilio/status`, { method: 'POST', body: new URLSearchParams({ CallSid: 'x' }) })
  const status = `${world.publicUrl}/twilio/status`
  const signature = twilio.getExpectedTwilioSignature(secrets.authToken, status, { a: 'b' })
  const body = new URLSearchParams({ a: 'b' })
  await fetch(status, { method: 'POST', body, headers: { 'x-twilio-signature': signature } })
  await ended(mediaSocket(world, false))
  const stranger = mediaSocket(world, true)
  await new Promise<void>((resolve) => stranger.once('open', () => resolve()))
  stranger.send('{')
  const sid = 'a'.repeat(32)
  const start = {
    accountSid: secrets.accountSid,
    callSid: `CA${sid}`,
    tracks: ['inbound'],
    mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
    customParameters: { callId: 'none', token: 'none' },
  }
  const message = {
    event: 'start',
    sequenceNumber: '1',
    streamSid: `MZ${sid}`,
    start: { ...start, streamSid: `MZ${sid}` },
  }
  stranger.send(JSON.stringify(message))
  await ended(stranger)
}

describe('metrics of a busy run', () => {
  let world: World
  let before: Scrape
  let after: Scrape

  beforeAll(async () => {
    world = await startWorld({ real: true })
    before = await scrape(world)
    await busyRun(world)
    after = await scrape(world)
  })
  afterAll(() => world[Symbol.asyncDispose]())

  test('calls are counted by state while they run, and by reason and status when they ended', () => {
    expect(after.sum('callbridge_calls')).toBe(0)
    expect(after.sum('callbridge_calls_ended_total')).toBe(6)
    const ended = (labels: string) => after.sum('callbridge_calls_ended_total', labels)
    expect(ended('reason="completed",status="heard"')).toBe(3)
    expect(ended('reason="busy"')).toBe(1)
    expect(ended('reason="speech-failed"')).toBe(1)
  })

  test('times are plausible', () => {
    const mean = (name: string) => after.sum(`${name}_sum`) / after.sum(`${name}_count`)
    expect(after.sum('callbridge_answer_to_first_audio_seconds_count')).toBe(4)
    expect(mean('callbridge_answer_to_first_audio_seconds')).toBeGreaterThan(0.02)
    expect(mean('callbridge_answer_to_first_audio_seconds')).toBeLessThan(5)
    expect(after.sum('callbridge_chunk_forwarding_seconds_count')).toBeGreaterThan(0)
    expect(mean('callbridge_chunk_forwarding_seconds')).toBeGreaterThan(0)
    expect(mean('callbridge_chunk_forwarding_seconds')).toBeLessThan(0.1)
    expect(after.sum('callbridge_mark_lag_seconds_count')).toBeGreaterThan(10)
    expect(mean('callbridge_mark_lag_seconds')).toBeLessThan(2)
    expect(after.sum('callbridge_audio_ahead_seconds_count')).toBe(after.sum('callbridge_mark_lag_seconds_count'))
    expect(mean('callbridge_audio_ahead_seconds')).toBeGreaterThan(0.2)
    expect(mean('callbridge_audio_ahead_seconds')).toBeLessThan(10)
    expect(after.sum('callbridge_barge_in_to_clear_seconds_count')).toBe(1)
    expect(mean('callbridge_barge_in_to_clear_seconds')).toBeLessThan(0.5)
    expect(after.sum('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0)
  })

  test('what was turned away and what failed is counted by reason', () => {
    expect(after.sum('callbridge_speech_errors_total', 'provider="async",code="speech.')).toBe(1)
    const connections = (event: string) =>
      after.sum('callbridge_speech_connections_total', `provider="async",event="${event}"`)
    expect(connections('connection-error')).toBe(1)
    expect(connections('connected')).toBeGreaterThanOrEqual(4)
    expect(connections('disconnected')).toBe(connections('connected'))
    for (const reason of ['unsigned-webhook', 'malformed-webhook', 'unsigned-handshake', 'unknown-call'])
      expect([reason, after.sum('callbridge_refusals_total', `reason="${reason}"`)]).toEqual([reason, 1])
    expect(after.sum('callbridge_malformed_messages_total')).toBe(1)
  })

  test('nothing was counted before it happened', () => {
    for (const name of before.names.filter((name) => name.startsWith('callbridge_') && name.endsWith('_total')))
      expect([name, before.sum(name)]).toEqual([name, 0])
    expect(before.sum('callbridge_chunk_forwarding_seconds_count')).toBe(0)
  })

  test('a label of ours is a word: no number, id, text, key or phone number', () => {
    const own = [...after.samples.keys()].filter((sample) => sample.startsWith('callbridge_'))
    const labels = own.flatMap((sample) => [...sample.matchAll(/([a-z_]+)="([^"]*)"/g)])
    const values = labels.filter(([, name]) => name !== 'le').map(([, , value]) => value ?? '')
    expect(values.length).toBeGreaterThan(10)
    expect(values.filter((value) => !/^[a-z]+([.-][a-z]+)*$/.test(value))).toEqual([])
  })

  test('buckets only grow, and the last one holds all', () => {
    const histograms = after.names.filter((name) => after.samples.has(`${name}_bucket{le="+Inf"}`))
    expect(histograms.filter((name) => name.startsWith('callbridge_'))).toHaveLength(5)
    for (const name of histograms) {
      const counts = [...after.samples]
        .filter(([key]) => key.startsWith(`${name}_bucket{le=`))
        .map(([, count]) => count)
      expect(counts).toEqual([...counts].sort((a, b) => a - b))
      expect(counts.at(-1)).toBe(after.samples.get(`${name}_count`))
    }
  })

  test('the dashboard names every metric of ours and none that does not exist; the page on operations too', () => {
    const dashboard = JSON.parse(readFileSync('deploy/grafana.json', 'utf8')) as {
      panels: { targets: { expr: string }[] }[]
    }
    const expressions = dashboard.panels.flatMap((panel) => panel.targets.map((target) => target.expr))
    const used = new Set(expressions.flatMap((expr) => expr.match(/\b(callbridge|nodejs|process)_[a-z0-9_]+/g) ?? []))
    const base = (name: string) => (after.names.includes(name) ? name : name.replace(/_(bucket|sum|count)$/, ''))
    expect([...used].map(base).filter((name) => !after.names.includes(name))).toEqual([])
    const own = after.names.filter((name) => name.startsWith('callbridge_'))
    expect(own.length).toBeGreaterThan(10)
    expect([...new Set([...used].map(base).filter((name) => name.startsWith('callbridge_')))].sort()).toEqual(
      own.sort(),
    )
    const page = readFileSync('docs/operations.md', 'utf8')
    const documented = [...page.matchAll(/^\| `(callbridge_[a-z_]+)`/gm)].map((found) => found[1])
    expect(documented.sort()).toEqual(own.sort())
  })
})

describe('hearing', () => {
  const listening: Flow = async (call) => {
    await call.gather({ say: 'Yes, or no?', speech: ['yes', 'no'], timeoutMs: 2_000 })
  }

  test('sessions are counted while they listen, and how long they listened when they end', async () => {
    await using world = await startWorld({ deepgram: {} })
    world.network.phone('+15551230001')
    const call = world.dial('+15551230001', 'Yes, or no?', {}, async (line) => {
      await listening(line)
      await line.say('Thank you, and goodbye.')
    })
    while (world.deepgram?.listening.sockets.length === 0) await world.clock.advance(100)
    await world.clock.advance(1_000)
    expect((await scrape(world)).sum('callbridge_hearing_listening', 'provider="deepgram"')).toBe(1)
    world.deepgram?.listening.hear('yes please')
    await world.until(call.outcome)
    const after = await scrape(world)
    expect(after.sum('callbridge_hearing_listening')).toBe(0)
    expect(after.sum('callbridge_hearing_sessions_total', 'provider="deepgram"')).toBe(1)
    expect(after.sum('callbridge_hearing_seconds_total', 'provider="deepgram"')).toBeGreaterThan(1)
    expect(after.sum('callbridge_hearing_seconds_total', 'provider="deepgram"')).toBeLessThan(20)
    expect(after.sum('callbridge_hearing_errors_total')).toBe(0)
  })

  test('Async is counted under its own name', async () => {
    await using world = await startWorld({ settings: { HEARING_PROVIDER: 'async' } })
    world.network.phone('+15551230001')
    await world.until(world.dial('+15551230001', 'Yes, or no?', {}, listening).outcome)
    const after = await scrape(world)
    expect(after.sum('callbridge_hearing_sessions_total', 'provider="async"')).toBe(1)
    expect(after.sum('callbridge_hearing_sessions_total')).toBe(1)
    expect(after.sum('callbridge_hearing_seconds_total', 'provider="async"')).toBeGreaterThan(1)
  })

  test('what failed is counted by its code, and does not listen', async () => {
    await using world = await startWorld({ deepgram: {}, settings: { DEEPGRAM_API_KEY: 'not-the-right-key' } })
    world.network.phone('+15551230001')
    await world.until(world.dial('+15551230001', 'Yes, or no?', {}, listening).outcome)
    const after = await scrape(world)
    expect(after.sum('callbridge_hearing_errors_total', 'provider="deepgram",code="hearing.refused"')).toBe(1)
    expect(after.sum('callbridge_hearing_errors_total')).toBe(1)
    expect(after.sum('callbridge_hearing_sessions_total') + after.sum('callbridge_hearing_listening')).toBe(0)
  })
})

describe('who may read metrics', () => {
  /** `fetch` does not let a test choose the header Host. */
  function get(url: string, headers: Record<string, string>): Promise<number> {
    return new Promise((resolve, reject) => {
      request(`${url}/metrics`, { headers }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
        .on('error', reject)
        .end()
    })
  }

  test('without a key: this machine, and nothing that came through a proxy, a tunnel or under another name', async () => {
    await using world = await startWorld()
    expect(await get(world.publicUrl, {})).toBe(200)
    expect(await get(world.publicUrl, { host: 'localhost:1' })).toBe(200)
    for (const headers of [
      { 'x-forwarded-for': '127.0.0.1' },
      { 'x-forwarded-proto': 'https' },
      { forwarded: 'for=127.0.0.1' },
      { via: '1.1 proxy' },
      { 'x-real-ip': '127.0.0.1' },
      { 'cf-connecting-ip': '127.0.0.1' },
      { 'fly-client-ip': '127.0.0.1' },
      { origin: 'https://example.com' },
      { host: 'bridge.example.com' },
      { host: 'localhost.example.com' },
    ])
      expect([headers, await get(world.publicUrl, headers)]).toEqual([headers, 403])
  })

  test('with a key: whoever shows it, and nobody else', async () => {
    const key = 'metrics-key-of-the-tests'
    await using world = await startWorld({ settings: { METRICS_KEY: key } })
    expect(await get(world.publicUrl, { authorization: `Bearer ${key}`, 'x-forwarded-for': '10.0.0.1' })).toBe(200)
    for (const authorization of ['', 'Bearer ', `Bearer ${key}x`, `Basic ${key}`, key])
      expect([authorization, await get(world.publicUrl, { authorization })]).toEqual([authorization, 401])
    expect(await get(world.publicUrl, {})).toBe(401)
  })
})
