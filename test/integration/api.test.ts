import { Value } from 'typebox/value'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Problem } from '../../src/http/api/problem.ts'
import { callDetail, callList, problem } from '../../src/http/api/schemas.ts'
import { systemClock } from '../../src/ops/clock.ts'
import { createLogger } from '../../src/ops/logger.ts'
import { createLocalSpeech } from '../../src/speech/local/provider.ts'
import { createLocalVoice } from '../../src/speech/local/voice.ts'
import { openFileRecords } from '../../src/store/file-records.ts'
import { createMemoryRecords } from '../../src/store/memory-records.ts'
import { aRecord } from '../contract/record-fixtures.ts'
import { startWorld } from '../world.ts'
import { type ApiCall, apiOf } from './api-client.ts'

const toneEngine = new URL('../contract/tone-engine.ts', import.meta.url).href
const to = '+15551230001'
const message = 'Your order has shipped. It comes on Monday.'

describe('POST /calls', () => {
  test('dials, and the call can be looked at from the first moment to its outcome', async () => {
    await using world = await startWorld()
    const api = apiOf(world)
    const phone = world.network.phone(to)
    const placed = await api.place('+1 (555) 123-0001', message)
    expect(placed).toMatchObject({ status: 201, body: { to, state: 'dialling', outcome: null } })
    expect(placed.headers.get('location')).toBe(`/calls/${placed.body.callId}`)
    expect(Value.Errors(callDetail, placed.body)).toEqual([])
    const outcome = await api.outcome(placed.body.callId)
    await world.until(phone.ended)
    const { body } = await api.get(`/calls/${placed.body.callId}`)
    expect(body).toMatchObject({ state: 'ended', outcome: { ...outcome, status: 'heard', heardText: message } })
    expect(body.timeline.map(({ type }) => type)).toEqual([
      'dialling',
      'queued',
      'ringing',
      'answered',
      'streaming',
      'first-audio',
      'heard',
      'ended',
    ])
    expect(Value.Errors(callDetail, body)).toEqual([])
    expect(body).not.toHaveProperty('requestDigest')
    expect(phone.heardMs).toBe(outcome.heardMs)
  })

  test('a flow is named with its parameters; the voice, the number and the ringing time are the request’s', async () => {
    const voice = '11111111-2222-4333-8444-555555555555'
    const other = '+15005550007'
    await using world = await startWorld({
      async: { voiceIds: ['e0f39dc4-f691-4e78-bba5-5c636692cc04', voice] },
    })
    const api = apiOf(world)
    world.network.phone(to, { answer: 'no-answer' })
    const body = { to, flow: 'notify', parameters: { message }, voice, timeoutMs: 7000 }
    const placed = await api.post(body)
    const before = world.clock.now()
    expect(await api.outcome(placed.body.callId)).toMatchObject({ status: 'no-answer' })
    expect(world.clock.now() - before).toBeLessThan(15_000)
    const refused = await api.post({ ...body, from: other })
    expect(await api.outcome(refused.body.callId)).toMatchObject({ reason: 'refused', from: other })
    // A voice that Async does not know is the outcome's to tell.
    const unknown = await api.post({ ...body, voice: voice.replaceAll('1', '2') })
    expect(await api.outcome(unknown.body.callId)).toMatchObject({ reason: 'speech-failed' })
  })

  test('a mailbox gets the text that is for it', async () => {
    await using world = await startWorld()
    const api = apiOf(world)
    world.network.phone(to, { answer: { voicemail: { afterMs: 500, greetingMs: 6_000 } } })
    const voicemail = 'The shop called.'
    const { body } = await api.post({ to, message, voicemail })
    const outcome = await api.outcome(body.callId)
    expect(outcome).toMatchObject({ status: 'voicemail', heardText: voicemail, answer: null })
  })

  test('the voice of a request is the one that speaks', async () => {
    const voice = '11111111-2222-4333-8444-555555555555'
    // The usual voice is not one of this service's.
    const settings = { ASYNC_VOICE_ID: '99999999-2222-4333-8444-555555555555' }
    await using world = await startWorld({ async: { voiceIds: [voice] }, settings })
    const api = apiOf(world)
    world.network.phone(to)
    const usual = await api.post({ to, message })
    expect(await api.outcome(usual.body.callId)).toMatchObject({ reason: 'speech-failed' })
    const other = await api.post({ to, message, voice })
    expect(await api.outcome(other.body.callId)).toMatchObject({ status: 'heard' })
  })

  test('what cannot be spoken or dialled is refused, with what to do, and nobody is dialled', async () => {
    await using world = await startWorld({ settings: { MAX_MESSAGE_CHARS: '100' } })
    const api = apiOf(world)
    const cases: [body: object, status: number, code: string][] = [
      [{ to: '5551230001', message }, 422, 'number.invalid'],
      [{ to: '911', message }, 403, 'destination.short-number'],
      [{ to: '+19005551234', message }, 403, 'destination.premium-rate'],
      [{ to: '+80812345678', message }, 403, 'destination.shared-cost'],
      [{ to: '+4930901820', message }, 403, 'destination.country'],
      [{ to, message: '' }, 422, 'text.empty'],
      [{ to, message: '?!' }, 422, 'text.empty'],
      [{ to, message: 'word '.repeat(21) }, 422, 'text.too-long'],
      [{ to, message: 'Здравствуйте, ваш заказ.' }, 422, 'text.unspeakable'],
      [{ to, flow: 'notify' }, 422, 'text.empty'],
      [{ to, flow: '__proto__' }, 422, 'flow.unknown'],
      [{ to, message, voice: 'Jane' }, 422, 'voice.invalid'],
      [{ to, message, from: '12' }, 422, 'number.invalid'],
    ]
    for (const [body, status, code] of cases) {
      const refused = await api.refused(body)
      expect(refused.body).toMatchObject({ status, code, retryable: false })
      expect(refused.status).toBe(status)
      expect(refused.headers.get('content-type')).toContain('application/problem+json')
      expect(Value.Errors(problem, refused.body)).toEqual([])
      expect(JSON.stringify(refused.body)).not.toMatch(/901820|19005551234|Здрав/)
    }
    expect(world.app.calls()).toEqual([])
    expect(world.network.calls).toEqual([])
    expect(world.app.records.list({ limit: 9 })).toEqual([])
  })

  test('the offline voice has one voice, and says so', async () => {
    const speech = createLocalSpeech({ voice: createLocalVoice({ engine: toneEngine }) })
    await using world = await startWorld({ speech })
    const refused = await apiOf(world).refused({ to, message, voice: 'any' })
    expect(refused.body).toMatchObject({ status: 422, code: 'voice.invalid' })
  })

  test('allowed countries are the setting’s', async () => {
    await using world = await startWorld({ settings: { ALLOWED_COUNTRIES: 'DE' } })
    const api = apiOf(world)
    world.network.phone('+4930901820')
    expect((await api.refused({ to, message })).body.code).toBe('destination.country')
    const placed = await api.place('+4930901820', message)
    expect(await api.outcome(placed.body.callId)).toMatchObject({ status: 'heard' })
  })
})

describe('Idempotency-Key', () => {
  const key = { 'idempotency-key': 'order-1234' }

  test('a repeated request gets the first call, whatever has become of it', async () => {
    await using world = await startWorld()
    const api = apiOf(world)
    world.network.phone(to)
    const first = await api.place(to, message, key)
    const second = await api.place(to, message, key)
    expect([second.status, second.body.callId]).toEqual([201, first.body.callId])
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    await api.outcome(first.body.callId)
    const third = await api.place(to, message, key)
    expect(third.body).toMatchObject({ callId: first.body.callId, state: 'ended' })
    expect(world.network.calls).toHaveLength(1)
    const other = await api.place(to, message, { 'idempotency-key': 'order-1235' })
    expect(other.body.callId).not.toBe(first.body.callId)
  })

  test('of twenty at once one dials', async () => {
    await using world = await startWorld()
    const api = apiOf(world)
    world.network.phone(to)
    const all = await Promise.all(Array.from({ length: 20 }, () => api.place(to, message, key)))
    expect(new Set(all.map(({ body }) => body.callId)).size).toBe(1)
    expect(all.filter(({ headers }) => !headers.has('idempotency-replayed'))).toHaveLength(1)
    await api.outcome(all[0]?.body.callId ?? '')
    expect(world.network.calls).toHaveLength(1)
  })

  test('the same key with another body is refused; the order of fields says nothing', async () => {
    await using world = await startWorld()
    const api = apiOf(world)
    world.network.phone(to)
    const parameters = { message, name: 'Ada' }
    const first = await api.post({ to, flow: 'notify', parameters }, key)
    const { name } = parameters
    const same = await api.post({ parameters: { name, message }, flow: 'notify', to }, key)
    expect(same.body.callId).toBe(first.body.callId)
    for (const body of [
      { to, message },
      { to, flow: 'notify', parameters: { message } },
      { to: '+15551230002', message },
      { to, flow: 'notify', parameters, voicemail: 'We called.' },
    ])
      expect((await api.refused(body, key)).body).toMatchObject({ status: 422, code: 'request.key-reused' })
    expect(world.app.calls()).toHaveLength(1)
  })

  test('a refused request may be repeated with its key; limits do not keep a repeated one from its answer', async () => {
    await using world = await startWorld({ settings: { CALLS_PER_MINUTE: '1' } })
    const api = apiOf(world)
    world.network.phone(to)
    expect((await api.refused({ to: '911', message }, key)).status).toBe(403)
    const first = await api.place(to, message, key)
    expect(first.status).toBe(201)
    expect((await api.place(to, message, key)).body.callId).toBe(first.body.callId)
    expect((await api.refused({ to, message })).status).toBe(429)
  })

  test('also after a restart, and an unwritable disk keeps no call from being placed', {
    timeout: 20_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'callbridge-api-'))
    const open = (in_: string) =>
      openFileRecords({ folder: in_, keepDays: 30, clock: systemClock, log: createLogger('silent') })
    let callId = ''
    {
      const records = await open(folder)
      await using world = await startWorld({ real: true, records })
      const api = apiOf(world)
      world.network.phone(to, { answer: { afterMs: 100 } })
      callId = (await api.place(to, message, key)).body.callId
      await api.outcome(callId)
      await records.close()
    }
    {
      const records = await open(folder)
      await using world = await startWorld({ real: true, records })
      const again = await apiOf(world).place(to, message, key)
      expect(again.body).toMatchObject({ callId, state: 'ended', outcome: { status: 'heard' } })
      expect(again.body.timeline.length).toBeGreaterThan(5)
      expect(world.network.calls).toEqual([])
      await records.close()
    }
    const records = await open('/dev/null/nowhere')
    await using world = await startWorld({ real: true, records })
    const api = apiOf(world)
    world.network.phone(to, { answer: { afterMs: 100 } })
    const placed = await api.place(to, message, key)
    expect(await api.outcome(placed.body.callId)).toMatchObject({ status: 'heard' })
    expect(world.app.records.healthy).toBe(false)
    await records.close()
  })
})

describe('limits', () => {
  test('each has its own code, status and Retry-After; running calls are not disturbed', async () => {
    let lateMs = 0
    await using world = await startWorld({
      settings: { MAX_CALLS: '3', CALLS_PER_MINUTE: '4', CALLS_PER_NUMBER_PER_HOUR: '2' },
      loopDelayMs: () => lateMs,
    })
    const api = apiOf(world)
    const numbers = ['+15551230001', '+15551230002', '+15551230003']
    for (const number of numbers) world.network.phone(number)
    const first = await api.place(to, message)
    lateMs = 500
    const overloaded = await api.refused({ to, message })
    expect(overloaded.body).toMatchObject({ status: 503, code: 'server.overloaded', retryable: true })
    expect(Number(overloaded.headers.get('retry-after'))).toBeGreaterThan(0)
    lateMs = 100
    const second = await api.place(to, message)
    const often = await api.refused({ to, message })
    expect(often.body).toMatchObject({ status: 429, code: 'limit.calls-per-number', retryAfterMs: 3_600_000 })
    expect(often.headers.get('retry-after')).toBe('3600')
    const third = await api.place('+15551230002', message)
    const atOnce = await api.refused({ to: '+15551230003', message })
    expect(atOnce.body).toMatchObject({ status: 503, code: 'limit.calls-at-once' })
    expect(Number(atOnce.headers.get('retry-after'))).toBeGreaterThan(0)
    await api.outcome(first.body.callId)
    while (world.app.calls().length > 0) await world.clock.advance(1000)
    const statuses = [first, second, third].map(({ body }) => world.app.records.find(body.callId)?.outcome?.status)
    // The one phone cannot take two calls.
    expect(statuses).toEqual(['heard', 'busy', 'heard'])
    expect((await api.place('+15551230003', message)).status).toBe(201)
    const fast = await api.refused({ to: '+15551230003', message })
    expect(fast.body).toMatchObject({ status: 429, code: 'limit.calls-per-minute' })
  })

  test('the calls of the last hour count also when they were placed before a restart', async () => {
    const records = createMemoryRecords()
    for (let index = 0; index < 2; index++) await records.save(aRecord(`c${index}`, { to }))
    await records.save(aRecord('inbound', { to: '+15551230002', direction: 'inbound' }))
    await using world = await startWorld({ records, settings: { CALLS_PER_NUMBER_PER_HOUR: '2' } })
    const api = apiOf(world)
    expect((await api.refused({ to, message })).body.code).toBe('limit.calls-per-number')
    await world.clock.advance(3_600_000)
    world.network.phone(to)
    expect((await api.place(to, message)).status).toBe(201)
  })
})

describe('looking at calls', () => {
  test('the list is newest first, filtered, and goes page by page', async () => {
    const records = createMemoryRecords()
    for (let index = 0; index < 25; index++)
      await records.save(aRecord(`c${index}`, { minute: index, to: index % 5 ? to : '+15551230002' }))
    await using world = await startWorld({ records })
    const api = apiOf(world)
    type List = { calls: ApiCall[]; next: string | null }
    const first = await api.get<List>('/calls')
    expect(Value.Errors(callList, first.body)).toEqual([])
    expect(first.body.calls).toHaveLength(20)
    expect(first.body.calls[0]).toMatchObject({ callId: 'c24' })
    const rest = await api.get<List>(`/calls?cursor=${first.body.next}`)
    expect(rest.body).toMatchObject({ next: null })
    expect(rest.body.calls.map(({ callId }) => callId)).toEqual(['c4', 'c3', 'c2', 'c1', 'c0'])
    for (const number of ['%2B15551230002', '+15551230002', '%2B1%20555%20123%200002'])
      expect((await api.get<List>(`/calls?to=${number}&limit=100`)).body.calls).toHaveLength(5)
    expect((await api.get<List>('/calls?state=ended')).body).toEqual({ calls: [], next: null })
    for (const query of [
      'limit=0',
      'limit=101',
      'limit=x',
      'state=all',
      'cursor=nobody',
      'order=up',
      'limit=1&limit=2',
    ])
      expect((await api.get<Problem>(`/calls?${query}`)).body, query).toMatchObject({
        status: 400,
        code: 'request.invalid',
      })
  })

  test('a call nobody knows, and a path nobody answers at', async () => {
    await using world = await startWorld()
    const api = apiOf(world)
    for (const path of ['/calls/nobody', '/calls/nobody/events', '/calls/__proto__', `/calls/${'x'.repeat(99)}`])
      expect((await api.get<Problem>(path)).body, path).toMatchObject({ status: 404, code: 'call.not-found' })
    expect(await api.hangUp('nobody')).toMatchObject({ status: 404, body: { code: 'call.not-found' } })
    for (const path of ['/', '/call', '/calls/a/b', '/twilio/nothing', '/%00', '/calls/..%2f..%2fetc'])
      expect((await api.get<Problem>(path)).status, path).toBe(404)
    for (const path of ['/calls/%zz', '/%zz', `/calls/${'x'.repeat(500)}`]) {
      const { body } = await api.get<Problem>(path)
      expect(body, path).toMatchObject({ status: 400, code: 'request.invalid' })
      expect(JSON.stringify(body)).not.toMatch(/zz|xxx/)
    }
    expect((await api.get<Problem>('/call')).body).toMatchObject({ code: 'request.unknown-path' })
    expect((await api.request<Problem>('/calls', { method: 'DELETE' })).body).toMatchObject({ status: 404 })
  })
})

describe('POST /calls/:id/hangup', () => {
  test('ends a call that rings, or that speaks, and leaves one that is over as it is', async () => {
    await using world = await startWorld()
    const api = apiOf(world)
    world.network.phone(to, { answer: { afterMs: 60_000 } })
    const { callId } = (await api.place(to, message)).body
    await world.clock.advance(3000)
    expect(await api.hangUp(callId)).toMatchObject({ status: 202, body: { callId, state: 'ringing' } })
    await world.clock.advance(5000)
    const ended = await api.hangUp(callId)
    expect(ended).toMatchObject({ status: 200, body: { state: 'ended', outcome: { reason: 'cancelled' } } })
    expect(world.network.calls.map(({ status }) => status)).toEqual(['canceled'])
  })

  test('a call that this process does not conduct cannot be ended by it', async () => {
    const records = createMemoryRecords()
    await records.save(aRecord('theirs'))
    await using world = await startWorld({ records })
    expect(await apiOf(world).hangUp('theirs')).toMatchObject({ status: 409, body: { code: 'call.elsewhere' } })
  })

  test('many clients name the type of a body they do not send', async () => {
    await using world = await startWorld()
    const headers = { 'content-type': 'application/json' }
    const answer = await apiOf(world).request('/calls/nobody/hangup', { method: 'POST', headers })
    expect(answer.status).toBe(404)
  })
})

test('Twilio’s id is on record as soon as it is known, though no callback ever comes', async () => {
  await using world = await startWorld({ network: { behaviour: { statusCallbackLoss: 'all' } } })
  const api = apiOf(world)
  world.network.phone(to, { answer: { afterMs: 60_000 } })
  const { callId } = (await api.place(to, message)).body
  await world.clock.advance(3000)
  const callSid = world.network.calls[0]?.sid
  expect(callSid).toMatch(/^CA/)
  expect(world.app.records.find(callId)).toMatchObject({ callSid, state: 'dialling' })
})

test('inbound calls and calls of scripts are on record too', async () => {
  await using world = await startWorld()
  const caller = world.network.dialIn({ from: '+15551239999', voiceUrl: `${world.publicUrl}/twilio/voice` })
  await world.until(caller.ended)
  await world.clock.advance(5000)
  world.network.phone(to)
  await world.until(world.dial(to, message).outcome)
  const { body } = await apiOf(world).get<{ calls: ApiCall[] }>('/calls')
  expect(body.calls).toMatchObject([
    { direction: 'outbound', to, state: 'ended' },
    { direction: 'inbound', from: '+15551239999', state: 'ended', outcome: { reason: 'completed' } },
  ])
})
