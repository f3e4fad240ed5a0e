import { execFileSync } from 'node:child_process'
import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { rememberSpoken, secrets, startWorld } from '../world.ts'

interface Span {
  name: string
  spanId: string
  parentSpanId?: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: { key: string; value: Record<string, unknown> }[]
  status: { code?: number }
}

/** A collector that keeps what it was sent. */
async function startCollector(answer: 'ok' | 'never' = 'ok') {
  const bodies: { path: string; type: string | undefined; text: string }[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      bodies.push({
        path: request.url ?? '',
        type: request.headers['content-type'],
        text: Buffer.concat(parts).toString(),
      })
      if (answer === 'ok') response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    bodies,
    spans: () =>
      bodies.flatMap(({ text }) =>
        (JSON.parse(text) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap((one) =>
          one.scopeSpans.flatMap((scope) => scope.spans),
        ),
      ),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const to = '+15551230001'
const texts = ['The first utterance of a call.', 'And its second one.']

describe('traces', () => {
  test('a call is a span, with children for dialling, ringing and each utterance; none holds private data', async () => {
    await using collector = await startCollector()
    const world = await startWorld({ settings: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
    world.network.phone(to, { answer: { afterMs: 3000 } })
    for (const text of texts) rememberSpoken(text)
    const call = world.dial(to, 'unused', {}, async (call) => {
      for (const text of texts) await call.say(text)
    })
    const outcome = await world.until(call.outcome)
    await world[Symbol.asyncDispose]()

    expect(collector.bodies[0]).toMatchObject({ path: '/v1/traces', type: 'application/json' })
    const spans = collector.spans()
    expect(spans.map((span) => span.name).sort()).toEqual(['call', 'dialling', 'ringing', 'speaking', 'speaking'])
    const root = spans.find((span) => span.name === 'call')
    for (const span of spans.filter((span) => span !== root)) expect(span.parentSpanId).toBe(root?.spanId)
    const facts = Object.fromEntries((root?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]))
    expect(facts).toMatchObject({
      'callbridge.call.id': call.callId,
      'callbridge.call.sid': outcome.callSid,
      'callbridge.call.status': 'heard',
      'callbridge.call.end_reason': 'completed',
      'callbridge.heard_ms': outcome.heardMs,
    })
    // Simulated time, not the machine's: the phone rang for three seconds.
    const lastedMs = (span: Span) => Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6
    const [ringing] = spans.filter((span) => span.name === 'ringing')
    expect(ringing && lastedMs(ringing)).toBeGreaterThan(2500)
    expect(ringing && lastedMs(ringing)).toBeLessThan(4000)
    const exported = collector.bodies.map(({ text }) => text).join('\n')
    expect(exported).toContain('"callbridge"')
    for (const secret of [
      to,
      secrets.from,
      secrets.authToken,
      secrets.asyncKey,
      secrets.accountSid,
      call.token,
      ...texts,
    ])
      expect(exported).not.toContain(secret)
  })

  test('a call that fails is marked as failed, with the code of its error', async () => {
    await using collector = await startCollector()
    const world = await startWorld({ settings: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
    world.network.phone(to)
    await world.until(world.dial(to, 'x', {}, () => Promise.reject(new Error('the flow is broken'))).outcome)
    await world[Symbol.asyncDispose]()
    const root = collector.spans().find((span) => span.name === 'call')
    expect(root?.status.code).toBe(2)
    expect(JSON.stringify(root?.attributes)).toContain('flow.failed')
    expect(JSON.stringify(root)).not.toContain('the flow is broken')
  })

  test.each(['ok', 'never'] as const)('a collector that answers %s holds no call and no shutdown', async (answer) => {
    await using collector = await startCollector(answer)
    const world = await startWorld({ settings: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } })
    world.network.phone(to)
    const outcome = await world.until(world.dial(to, 'Hello again.').outcome)
    expect(outcome.status).toBe('heard')
    const startedMs = performance.now()
    await world[Symbol.asyncDispose]()
    expect(performance.now() - startedMs).toBeLessThan(8000)
    expect(collector.bodies.length).toBeGreaterThan(0)
  })

  test('without the setting nothing of it is loaded', () => {
    const probe = (settings: string) => `
      import { createRequire } from 'node:module'
      import { buildApp } from './src/app.ts'
      import { readConfig } from './src/config.ts'
      import { systemClock } from './src/ops/clock.ts'
      import { createLogger } from './src/ops/logger.ts'
      const config = readConfig('simulate', { SPEECH_PROVIDERS: 'local', ${settings}
        TWILIO_ACCOUNT_SID: '${secrets.accountSid}', TWILIO_AUTH_TOKEN: 'x' })
      const app = await buildApp(config, { clock: systemClock, log: createLogger('silent'), publicUrl: () => '' })
      await app.close()
      console.log(Object.keys(createRequire(import.meta.url).cache).filter((file) => /opentelemetry.(sdk|exporter)/.test(file)).length)
      process.exit(0)`
    const count = (settings: string) =>
      Number(execFileSync('node', ['--input-type=module', '-e', probe(settings)], { encoding: 'utf8' }))
    expect(count('')).toBe(0)
    expect(count("OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',")).toBeGreaterThan(0)
  })
})
