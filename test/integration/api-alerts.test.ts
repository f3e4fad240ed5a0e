import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'
import type { AlertView } from '../../src/alerts/alert.ts'
import { alert as alertSchema } from '../../src/http/api/alert-schemas.ts'
import type { Problem } from '../../src/http/api/problem.ts'
import { rememberSpoken, startWorld, type World } from '../world.ts'
import { apiOf } from './api-client.ts'

const message = 'The cellar is under water.'
const to = ['+15551230001', '+15551230002']

function alertsOf(world: World) {
  const api = apiOf(world)
  rememberSpoken(message)
  const post = <T = AlertView>(body: unknown, headers: Record<string, string> = {}, path = '/alerts') =>
    api.request<T>(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  return {
    post,
    get: (alertId: string) => api.get<AlertView>(`/alerts/${alertId}`),
    cancel: (alertId: string) => post({}, {}, `/alerts/${alertId}/cancel`),
    async over(alertId: string) {
      for (;;) {
        const { body } = await api.get<AlertView>(`/alerts/${alertId}`)
        if (body.state !== 'calling') return body
        await world.clock.advance(1_000)
      }
    },
  }
}

describe('POST /alerts', () => {
  test('calls down the list, and GET /alerts/:id tells how far it is and what became of everybody', async () => {
    await using world = await startWorld()
    const api = alertsOf(world)
    world.network.phone(to[0] ?? '', { answer: 'busy' })
    world.network.phone(to[1] ?? '', { steps: [{ afterAnswerMs: 3_000, press: '1' }] })
    const begun = await api.post({ to, message, rounds: 2 })
    expect(begun).toMatchObject({ status: 202, body: { state: 'calling', acknowledgedBy: null, endedAt: null } })
    const { alertId } = begun.body
    expect(begun.headers.get('location')).toBe(`/alerts/${alertId}`)
    expect(Value.Errors(alertSchema, begun.body)).toEqual([])
    const over = await api.over(alertId)
    expect(Value.Errors(alertSchema, over)).toEqual([])
    expect(over).toMatchObject({ alertId, state: 'acknowledged', acknowledgedBy: 1 })
    expect(over.people.map((one) => [one.to, one.tries[0]?.became])).toEqual([
      [to[0], 'busy'],
      [to[1], 'acknowledged'],
    ])
    for (const { tries } of over.people)
      expect(world.app.records.find(tries[0]?.callId ?? '')).toMatchObject({ flow: 'alert', state: 'ended' })
  })

  test('a repeated request gets the alert of the first, and nobody is called again; another one of the key is refused', async () => {
    await using world = await startWorld()
    const api = alertsOf(world)
    for (const number of to) world.network.phone(number, { answer: 'busy' })
    const headers = { 'idempotency-key': 'flood-1' }
    const [first, second] = await Promise.all([api.post({ to, message }, headers), api.post({ to, message }, headers)])
    expect(second.body.alertId).toBe(first.body.alertId)
    expect([first, second].map((one) => one.headers.get('idempotency-replayed'))).toContain('true')
    await api.over(first.body.alertId)
    expect((await api.post({ to, message }, headers)).body).toMatchObject({ state: 'in-vain' })
    expect(world.network.calls).toHaveLength(2)
    const other = await api.post<Problem>({ to, message, rounds: 2 }, headers)
    expect(other).toMatchObject({ status: 422, body: { code: 'request.key-reused' } })
  })

  test('after a restart a repeated request goes on where it broke off: nobody is called a second time', async () => {
    await using world = await startWorld()
    const { records } = world.app
    const headers = { 'idempotency-key': 'flood-2' }
    world.network.phone(to[0] ?? '', { answer: 'busy' })
    world.network.phone(to[1] ?? '', { answer: { afterMs: 60_000 } })
    const { body } = await alertsOf(world).post({ to, message }, headers)
    await world.clock.advance(5_000)
    await alertsOf(world).cancel(body.alertId)
    await alertsOf(world).over(body.alertId)
    await using restarted = await startWorld({ records })
    const api = alertsOf(restarted)
    const other = await api.post<Problem>({ to: [...to, '+15551230003'], message: 'Another one.' }, headers)
    expect(other.body.code).toBe('request.key-reused')
    const again = await api.post({ to, message }, headers)
    expect(again.headers.get('idempotency-replayed')).toBeNull()
    const over = await api.over(again.body.alertId)
    expect(over.people.map(({ tries }) => tries.map(({ became }) => became))).toEqual([['busy'], ['cancelled']])
    expect(restarted.network.calls).toEqual([])
  })

  test('an idempotency key is that of the alert: each round calls anew', async () => {
    await using world = await startWorld()
    const api = alertsOf(world)
    for (const number of to) world.network.phone(number, { answer: 'busy' })
    const { body } = await api.post({ to, message, rounds: 2 }, { 'idempotency-key': 'flood-3' })
    await api.over(body.alertId)
    expect(world.network.calls.map((call) => call.to)).toEqual([...to, ...to])
  })

  test('is cancelled, once and again', async () => {
    await using world = await startWorld()
    const api = alertsOf(world)
    world.network.phone(to[0] ?? '', { answer: { afterMs: 60_000 } })
    const { alertId } = (await api.post({ to, message })).body
    await world.clock.advance(2_000)
    expect((await api.cancel(alertId)).status).toBe(202)
    const over = await api.over(alertId)
    expect(over.state).toBe('stopped')
    expect(await api.cancel(alertId)).toMatchObject({ status: 200, body: over })
    expect(world.network.calls).toHaveLength(1)
  })

  test('stands behind the guard of the API, and calls nobody whom POST /calls would not', async () => {
    await using world = await startWorld({ settings: { API_KEYS: 'k'.repeat(32), CALLS_PER_NUMBER_PER_HOUR: '1' } })
    const api = alertsOf(world)
    const key = { authorization: `Bearer ${'k'.repeat(32)}` }
    world.network.phone(to[0] ?? '', { answer: 'busy' })
    expect(await api.post<Problem>({ to, message })).toMatchObject({ status: 401 })
    expect((await api.get('any')).status).toBe(401)
    const refusals = [
      [{ to: ['+4930901820'], message }, 403, 'destination.country'],
      [{ to: ['12 or so'], message }, 422, 'number.invalid'],
      [{ to, message: ' ' }, 422, 'text.empty'],
      [{ to, flow: 'alarm' }, 422, 'flow.unknown'],
      [{ to: [], message }, 400, 'request.invalid'],
      [{ to: to[0], message }, 400, 'request.invalid'],
      [{ to, message, rounds: 11 }, 400, 'request.invalid'],
      [{ to: Array.from({ length: 51 }, () => to[0]), message }, 400, 'request.invalid'],
      [{ to, message, loud: true }, 400, 'request.invalid'],
    ] as const
    for (const [body, status, code] of refusals) {
      const answer = await api.post<Problem>(body, key)
      expect([answer.status, answer.body.code]).toEqual([status, code])
      expect(JSON.stringify(answer.body)).not.toMatch(/4930901820|12 or so/)
    }
    expect(world.network.calls).toEqual([])
    await using limited = await startWorld({ settings: { CALLS_PER_NUMBER_PER_HOUR: '1' } })
    limited.network.phone(to[0] ?? '', { answer: 'busy' })
    const first = await alertsOf(limited).post({ to: to.slice(0, 1), message })
    await alertsOf(limited).over(first.body.alertId)
    const second = await alertsOf(limited).post<Problem>({ to: to.slice(0, 1), message })
    expect([second.status, second.body.code]).toEqual([429, 'limit.calls-per-number'])
    expect(second.headers.get('retry-after')).not.toBeNull()
  })

  test('an alert that nobody knows is not found', async () => {
    await using world = await startWorld()
    expect(await alertsOf(world).get('nothing')).toMatchObject({ status: 404, body: { code: 'alert.not-found' } })
    expect((await alertsOf(world).cancel('nothing')).status).toBe(404)
  })
})
