import { describe, expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { createLogger } from '../../src/ops/logger.ts'
import { type Service, serve } from '../../src/serve.ts'
import { startAsyncService } from '../../src/simulator/async/service.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import { startPhoneNetwork } from '../../src/simulator/phone-network/network.ts'
import { commandSettings, freePort } from '../command.ts'
import { tunnelService } from '../tunnels.ts'
import { secrets, steppedLookMs } from '../world.ts'

const to = '+15551230001'
const text = 'This is the first sentence. This is the second sentence. And this is the third one.'

/** The whole service behind a tunnel whose addresses all lead to this machine, but are different ones. */
async function tunnelled(more: { configureNumber?: boolean; numbers?: string[]; first?: string } = {}) {
  const clock = createSteppedClock()
  const numbers = more.numbers ?? [secrets.from]
  const account = { sid: secrets.accountSid, authToken: secrets.authToken, numbers }
  const network = await startPhoneNetwork({ clock, account })
  const async = await startAsyncService({ clock, apiKey: secrets.asyncKey })
  onTestFinished(async () => {
    await async.close()
    await network.close()
  })
  const { PUBLIC_URL: _, ...settings } = commandSettings({ network, async }, await freePort())
  const hosts = ['127.0.0.1', 'localhost']
  const tunnels = tunnelService((nth, port) =>
    nth === 1 && more.first !== undefined ? more.first : `http://${hosts[(nth - 1) % 2] ?? ''}:${port}`,
  )
  const config = readConfig('simulate', settings)
  const { configureNumber = false } = more
  const log = createLogger('silent')
  const starting = serve(config, {
    log,
    clock,
    openTunnel: tunnels.open,
    configureNumber,
    lookEveryMs: steppedLookMs,
    keepRecords: false,
  })
  const service: Service = await clock.runUntil(starting)
  onTestFinished(() => clock.runUntil(service.close()))
  const dial = () =>
    service.app.dial({
      to,
      from: secrets.from,
      parameters: { message: text },
      ringMs: 60_000,
      detectVoicemail: false,
      keepAudio: false,
    })
  const ready = async () => (await fetch(`${service.localUrl}/readyz`)).status
  /** Calls here, calls at Twilio, speech sessions. */
  const left = () => [
    service.app.calls().length,
    network.calls.filter((call) => call.endedAtMs === undefined).length,
    async.connections,
  ]
  return { clock, network, tunnels, service, dial, ready, left }
}

describe('the tunnel is lost', () => {
  test('the tunnel is lost while speaking: the call keeps its socket, and all is heard', async () => {
    const { clock, network, tunnels, dial, ready, service, left } = await tunnelled()
    const phone = network.phone(to, { answer: { afterMs: 0 } })
    const call = dial()
    await clock.runUntil(call.streaming)
    tunnels.opened[0]?.tell('lost')
    expect(await ready()).toBe(503)
    const outcome = await clock.runUntil(call.outcome)
    expect(outcome).toMatchObject({ status: 'heard', reason: 'completed', heardMs: phone.heardMs })
    await clock.runUntil(phone.ended)
    await clock.advance(10_000)
    expect([await ready(), ...left()]).toEqual([200, 0, 0, 0])
    expect(service.publicUrl).toContain('localhost')
  })

  test('the tunnel is lost while speaking, and the socket with it: the outcome says so', async () => {
    const { clock, network, tunnels, dial, left } = await tunnelled()
    const phone = network.phone(to, { answer: { afterMs: 0 } })
    const call = dial()
    await clock.runUntil(call.streaming)
    await clock.advance(2000)
    tunnels.opened[0]?.tell('lost')
    network.calls[0]?.streams[0]?.lose()
    const lostMs = clock.now()
    const outcome = await clock.runUntil(call.outcome)
    expect(outcome).toMatchObject({ reason: 'stream-lost', error: { code: 'stream.lost' } })
    expect(clock.now() - lostMs).toBeLessThanOrEqual(4000)
    await clock.advance(2000)
    expect(network.calls[0]?.status).toBe('completed')
    expect(outcome.heardMs).toBeLessThanOrEqual(phone.heardMs)
    expect([phone.heardMs <= 2000, ...left()]).toEqual([true, 0, 0, 0])
  })

  test('the tunnel is lost while dialling: what Twilio signs with the former address is still taken', async () => {
    const { clock, network, tunnels, dial, left } = await tunnelled()
    // Twilio has been asked, and no phone rings yet.
    network.behaviour.postDialDelayMs = 15_000
    const phone = network.phone(to, { answer: { afterMs: 0 } })
    const call = dial()
    await clock.advance(100)
    expect(network.calls.map((one) => one.status)).toEqual(['queued'])
    tunnels.opened[0]?.tell('lost')
    await clock.advance(12_000)
    expect(await clock.runUntil(call.outcome)).toMatchObject({ status: 'heard', heardMs: phone.heardMs })
    await clock.advance(5000)
    expect(left()).toEqual([0, 0, 0])
  })

  test('the tunnel is lost while dialling, and its address with it: Twilio is asked, and the outcome says so', async () => {
    const { clock, network, tunnels, dial, left } = await tunnelled({ first: `http://127.0.0.1:${await freePort()}` })
    network.behaviour.postDialDelayMs = 15_000
    const phone = network.phone(to, { answer: { afterMs: 0 } })
    const call = dial()
    await clock.advance(100)
    tunnels.opened[0]?.tell('lost')
    await clock.runUntil(phone.ended)
    const endedMs = clock.now()
    const outcome = await clock.runUntil(call.outcome)
    expect(outcome).toMatchObject({ status: 'failed', reason: 'stream-never-opened', heardMs: 0 })
    expect(clock.now() - endedMs).toBeLessThanOrEqual(6000)
    await clock.advance(5000)
    expect([phone.heardMs, ...left()]).toEqual([0, 0, 0, 0])
  })

  test('the tunnel is lost while the phone rings: what Twilio signs with the former address is still taken', async () => {
    const { clock, network, tunnels, dial, service } = await tunnelled()
    const phone = network.phone(to, { answer: { afterMs: 20_000 } })
    const call = dial()
    await clock.advance(1000)
    tunnels.opened[0]?.tell('lost')
    await clock.advance(12_000)
    expect(service.publicUrl).toContain('localhost')
    // This former address happens to lead here still; the call's stream and its callbacks use it.
    expect(await clock.runUntil(call.outcome)).toMatchObject({ status: 'heard' })
    await clock.runUntil(phone.ended)
    expect(network.calls[0]?.streams[0]?.url).toContain('127.0.0.1')
    expect(network.calls[0]?.requests.every((request) => request.status === 200 || request.status === 204)).toBe(true)
    expect(service.app.refusals.counts['unsigned-webhook']).toBe(0)
  })

  test('the tunnel is lost while the phone rings, and its address with it: Twilio is asked, and the outcome says so', async () => {
    const { clock, network, tunnels, dial, left } = await tunnelled({ first: `http://127.0.0.1:${await freePort()}` })
    const phone = network.phone(to, { answer: { afterMs: 20_000 } })
    const call = dial()
    await clock.advance(1000)
    tunnels.opened[0]?.tell('lost')
    await clock.runUntil(phone.ended)
    const endedMs = clock.now()
    expect(await clock.runUntil(call.outcome)).toMatchObject({ status: 'failed', reason: 'stream-never-opened' })
    expect(clock.now() - endedMs).toBeLessThanOrEqual(6000)
    expect(network.calls[0]?.status).toBe('completed')
    await clock.advance(5000)
    expect([phone.heardMs, ...left()]).toEqual([0, 0, 0, 0])
  })

  test('the tunnel is lost between calls: the next one uses the new address', async () => {
    const { clock, network, tunnels, dial } = await tunnelled()
    tunnels.opened[0]?.tell('lost')
    await clock.advance(10_000)
    const phone = network.phone(to, { answer: { afterMs: 0 } })
    const call = dial()
    expect(await clock.runUntil(call.outcome)).toMatchObject({ status: 'heard' })
    await clock.runUntil(phone.ended)
    expect(network.calls[0]?.streams[0]?.url).toContain('localhost')
  })
})

test('while no tunnel is there nobody is dialled: who asks is told when to ask again', async () => {
  const { clock, network, tunnels, service } = await tunnelled()
  tunnels.opened[0]?.tell('lost')
  const placing = () => service.app.place({ to, message: text })
  expect(placing).toThrow(
    expect.objectContaining({ code: 'tunnel.lost', retryable: true, details: { retryAfterMs: 10_000 } }),
  )
  expect(network.calls).toEqual([])
  await clock.advance(10_000)
  network.phone(to, { answer: { afterMs: 0 } })
  expect(await clock.runUntil(placing().call?.outcome ?? Promise.reject(new Error('no call')))).toMatchObject({
    status: 'heard',
  })
})

describe('the webhook of our number', () => {
  test('it is set at the start, and follows the address; a caller is answered', async () => {
    const { clock, network, tunnels, service } = await tunnelled({ configureNumber: true })
    expect(network.numbers[0]?.voiceUrl).toBe(`${service.localUrl}/twilio/voice`)
    tunnels.opened[0]?.tell('lost')
    // The first attempt fails, and is made again.
    network.behaviour.rest = { kind: 'status', status: 503, body: 'empty', processed: false }
    await clock.advance(11_000)
    network.behaviour.rest = { kind: 'normal' }
    await clock.advance(20_000)
    expect(network.numbers[0]?.voiceUrl).toBe(`${service.publicUrl}/twilio/voice`)
    expect(service.publicUrl).toContain('localhost')
    const caller = network.dialIn({ from: '+15551239999' })
    await clock.runUntil(caller.ended)
    expect(caller.heardMs).toBeGreaterThan(1000)
  })

  test('a number that is not ours ends the start with what to do', async () => {
    const starting = tunnelled({ configureNumber: true, numbers: ['+15005550999'] })
    await expect(starting).rejects.toMatchObject({ code: 'config.invalid' })
  })

  test('it is left alone unless asked', async () => {
    const { network } = await tunnelled()
    expect(network.numbers[0]?.voiceUrl).toBe('')
  })
})
