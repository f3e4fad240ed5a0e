import { request as openRequest } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { Problem } from '../../src/http/api/problem.ts'
import { startWorld, type World } from '../world.ts'
import { type ApiCall, apiOf } from './api-client.ts'

const to = '+15551230001'
const message = 'Your order has shipped.'
const key = 'a-key-of-enough-length'
const paths = ['/calls', '/calls/x', '/calls/x/events', '/docs', '/docs/json', '/docs/static/index.html']

/** `fetch` does not let the Host header be chosen. */
function statusWith(world: World, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = openRequest(`${world.publicUrl}${path}`, { headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('error', reject)
    asked.end()
  })
}

describe('without API_KEYS', () => {
  test('the API and its pages answer this machine, and nothing that comes through a tunnel', async () => {
    await using world = await startWorld()
    for (const path of paths) {
      const hosts = [
        { host: 'abc.ngrok.app' },
        { 'x-forwarded-for': '203.0.113.1' },
        { origin: 'https://evil.example' },
      ]
      for (const headers of hosts) expect(await statusWith(world, path, headers), path).toBe(403)
      expect(await statusWith(world, path, {}), path).not.toBe(403)
    }
    const refused = await apiOf(world).refused({ to, message }, { 'x-forwarded-for': '203.0.113.1' })
    expect(refused.body.detail).toContain('API_KEYS')
    expect(world.app.calls()).toEqual([])
    // Twilio's paths and the health check have doors of their own.
    expect(await statusWith(world, '/healthz', { host: 'abc.ngrok.app' })).toBe(200)
  })

  test('a form, which any web page can send, is no request', async () => {
    await using world = await startWorld()
    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data',
      'application/xml',
      '',
    ])
      for (const body of [`to=${encodeURIComponent(to)}&message=Hi`, JSON.stringify({ to, message })])
        expect((await apiOf(world).refused(body, { 'content-type': type })).status, type).toBeGreaterThanOrEqual(400)
    expect(world.app.calls()).toEqual([])
  })
})

describe('with API_KEYS', () => {
  test('each key opens; without one nothing is told, read or dialled, also on this machine', async () => {
    await using world = await startWorld({ settings: { API_KEYS: `${key},another-key-of-length` } })
    const api = apiOf(world)
    for (const path of paths.slice(0, 3)) {
      const refused = await api.get<Problem>(path)
      expect(refused.body).toMatchObject({ status: 401, code: 'request.unauthorized' })
      expect(refused.headers.get('www-authenticate')).toBe('Bearer')
      expect(await statusWith(world, path, { authorization: `Bearer ${key}x` })).toBe(401)
      expect(await statusWith(world, path, { authorization: `Bearer ${key}`, host: 'abc.ngrok.app' })).not.toBe(401)
    }
    // Refused before the body is looked at.
    expect((await api.refused('{"broken')).status).toBe(401)
    expect((await api.hangUp('x')).status).toBe(401)
    world.network.phone(to)
    for (const one of [key, 'another-key-of-length'])
      expect((await api.place(to, message, { authorization: `Bearer ${one}` })).status).toBe(201)
  })

  test('the pages about it need a key from elsewhere, and none on this machine', async () => {
    await using world = await startWorld({ settings: { API_KEYS: key } })
    expect(await statusWith(world, '/docs/json', { host: 'abc.ngrok.app' })).toBe(401)
    expect(await statusWith(world, '/docs/json', { host: 'abc.ngrok.app', authorization: `Bearer ${key}` })).toBe(200)
    expect(await statusWith(world, '/docs', {})).toBe(200)
  })
})

describe('/docs', () => {
  test('describes every route, in OpenAPI, and fetches nothing from elsewhere', async () => {
    await using world = await startWorld()
    const { body } = await apiOf(world).get<{ openapi: string; paths: Record<string, object> }>('/docs/json')
    expect(body.openapi).toMatch(/^3\./)
    const routes = Object.entries(body.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    const documented = [
      'post /calls',
      'get /calls',
      'get /calls/{id}',
      'post /calls/{id}/hangup',
      'get /calls/{id}/events',
      'post /alerts',
      'get /alerts/{id}',
      'post /alerts/{id}/cancel',
    ]
    expect(routes.sort()).toEqual(documented.sort())
    for (const page of ['/docs', '/docs/static/swagger-initializer.js']) {
      const response = await fetch(`${world.publicUrl}${page}`)
      expect(await response.text()).not.toMatch(/(src|href)="(https?:)?\/\//)
      expect(response.headers.get('content-security-policy') ?? "default-src 'self'").toContain("'self'")
    }
  })
})

describe('hostile requests', () => {
  test('are refused one by one, dial nobody, repeat nothing, and disturb no call', { timeout: 60_000 }, async () => {
    await using world = await startWorld({ settings: { MAX_MESSAGE_CHARS: '1000' } })
    const api = apiOf(world)
    const phone = world.network.phone('+15551230009')
    const playing = (await api.place('+15551230009', message)).body.callId
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
    const bodies: unknown[] = [
      '',
      'null',
      '[]',
      '42',
      '"hunter2"',
      '{',
      '{"to":"+15551230001","message":"hunter2"',
      '\u0000',
      deep,
      `{"to":${deep}}`,
      'x'.repeat(60_000),
      { to },
      { message },
      { to, message, flow: 'notify' },
      { to: ['+15551230001'], message },
      { to: { hunter2: 1 }, message },
      { to: null, message },
      { to: 15_551_230_001, message },
      { to, message: 42 },
      { to, message, mailbox: 'hunter2' },
      { to, message, voicemail: ['hunter2'] },
      { to, message, hunter2: 'hunter2', '+15551230001': 1 },
      { to, message, timeoutMs: '7000' },
      { to, message, timeoutMs: 4999 },
      { to, message, timeoutMs: 7000.5 },
      { to, message, timeoutMs: 1e99 },
      { to, flow: 'x'.repeat(1000) },
      { to, flow: 'notify', parameters: { message: 42 } },
      { to, flow: 'notify', parameters: ['hunter2'] },
      { to: 'x'.repeat(65), message },
      { to: `${to}\r\nX-Injected: 1`, message: '\u0007' },
      '{"__proto__":{"to":"+15551230001","message":"hunter2"}}',
      '{"constructor":{"prototype":{"to":"+15551230001"}},"to":"+15551230001","message":"hunter2"}',
    ]
    for (const body of bodies) {
      const refused = await api.refused(body)
      expect([400, 413, 422], JSON.stringify(body).slice(0, 80)).toContain(refused.status)
      expect(refused.headers.get('content-type')).toContain('application/problem+json')
      expect(JSON.stringify(refused.body)).not.toMatch(/"hunter2|15551230001|Injected/)
    }
    expect((await api.refused({ to, message: 'x'.repeat(200_000) })).status).toBe(413)
    for (const idempotencyKey of ['', ' ', 'a b', 'x'.repeat(201), 'ü'])
      expect((await api.refused({ to, message }, { 'idempotency-key': idempotencyKey })).status).toBe(400)
    expect(world.app.calls().map(({ callId }) => callId)).toEqual([playing])
    expect(await api.outcome(playing)).toMatchObject({ status: 'heard', heardText: message })
    await world.until(phone.ended)
    expect(Object.prototype).not.toHaveProperty('to')
  })

  test('an unknown field is named, since it is a mistake; the known ones are in /docs', async () => {
    await using world = await startWorld()
    const { body } = await apiOf(world).refused({ to, message, mailbox: 'Hello' })
    expect(body.errors).toEqual([{ pointer: 'body', expected: 'unknown fields: mailbox' }])
    const missing = await apiOf(world).refused({ message })
    expect(missing.body.errors).toEqual([{ pointer: 'body', expected: 'expected the fields to' }])
    const low = await apiOf(world).refused({ to, message, timeoutMs: 1 })
    expect(low.body.errors).toEqual([{ pointer: '/timeoutMs', expected: 'expected at least 5000' }])
  })

  test('a fault inside is a 500 that tells nothing of the inside', async () => {
    const speech = {
      name: 'broken',
      capabilities: { languages: undefined, markup: true },
      open() {
        throw new Error('hunter2')
      },
    }
    await using world = await startWorld({ speech })
    const refused = await apiOf(world).post<Problem & Partial<ApiCall>>({ to, message })
    expect(refused.body).toMatchObject({ status: 500, code: 'internal', retryable: false })
    expect(JSON.stringify(refused.body)).not.toContain('hunter2')
  })
})
