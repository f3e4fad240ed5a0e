import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LiveCall } from '../../src/call/live-call.ts'
import { createLogger } from '../../src/ops/logger.ts'
import { createAsyncSpeech } from '../../src/speech/async/provider.ts'
import { cacheSpeech } from '../../src/speech/cache/provider.ts'
import { createAudioFolder } from '../../src/speech/cache/folder.ts'
import { createAudioStore } from '../../src/speech/cache/store.ts'
import type { PhoneScript } from '../../src/simulator/phone-network/phone/script.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import { readScrape } from '../prometheus.ts'
import { rememberSpoken, startWorld, type World } from '../world.ts'

const cached = { SPEECH_CACHE: 'on', PRESYNTHESIZE: 'on' }
const text = 'Your order has shipped. It will arrive tomorrow before noon.'
const number = (index: number) => `+1555${String(3_000_000 + index)}`

/** What the service made of a text, in one piece. */
const produced = (world: World) => Buffer.concat(world.async.spoken.map((one) => one.audio))
const transcripts = (world: World) => world.async.spoken.map((one) => one.transcript.trim())

/** Dials a phone of its own, and waits until both sides have done. */
async function callOnce(world: World, index: number, message: string, script: PhoneScript = {}) {
  const phone = world.network.phone(number(index), script)
  const call = world.dial(number(index), message)
  const outcome = await world.until(call.outcome)
  await world.until(phone.ended)
  return { call, outcome, heard: Buffer.from(phone.heard) }
}

/** How long after the opening of the media stream the first media frame left. */
function firstAudioMs(call: LiveCall): number {
  const at = (type: string) => call.events.find((event) => event.type === type)?.atMs ?? Number.NaN
  return at('first-audio') - at('streaming')
}

describe('one text to many', () => {
  test('a thousand calls: one synthesis, and every phone plays it to the bit', { timeout: 120_000 }, async () => {
    const short = 'Hello.'
    await using world = await startWorld({ settings: cached, log: createLogger('silent') })
    let right = 0
    for (let batch = 0; batch < 40; batch++) {
      const calls = Array.from({ length: 25 }, (_, index) => {
        const to = number(batch * 25 + index)
        const phone = world.network.phone(to, { answer: { afterMs: 300 } })
        return { phone, call: world.dial(to, short) }
      })
      await world.until(Promise.all(calls.map(({ call, phone }) => Promise.all([call.outcome, phone.ended]))))
      for (const { phone, call } of calls) {
        expect(await call.outcome).toMatchObject({ status: 'heard', heardText: short })
        if (Buffer.compare(Buffer.from(phone.heard), produced(world)) === 0) right++
      }
    }
    expect(right).toBe(1000)
    expect(transcripts(world)).toEqual([short])
    expect(world.async.opened).toBe(1)
    expect(world.async.faults).toEqual([])
    expect(world.network.faults).toEqual([])
  })

  test('a template: the sentence that is the same for all is synthesised once', async () => {
    await using world = await startWorld({ settings: cached })
    const names = ['Ann', 'Bob', 'Cleo']
    for (const [index, name] of names.entries()) {
      const message = `Hello ${name}. Your order has shipped.${index === 1 ? ' ' : ''}${index === 2 ? '\n\nGoodbye.' : ''}`
      const { outcome } = await callOnce(world, index, message)
      expect(outcome).toMatchObject({ status: 'heard', heardText: message.trim() })
    }
    expect(transcripts(world)).toEqual([
      'Hello Ann.',
      'Your order has shipped.',
      'Hello Bob.',
      'Hello Cleo.',
      'Goodbye.',
    ])
  })

  test('a call that nobody answered: the next attempt synthesises nothing, and connects to nobody', async () => {
    await using world = await startWorld({ settings: cached })
    expect((await callOnce(world, 1, text, { answer: 'busy' })).outcome).toMatchObject({ status: 'busy' })
    // What was begun is rendered to its end, and the connection is closed then.
    await world.clock.advance(10_000)
    expect(transcripts(world)).toHaveLength(2)
    expect(world.async.connections).toBe(0)
    const { outcome, heard } = await callOnce(world, 1, text, { answer: { afterMs: 500 } })
    expect(outcome).toMatchObject({ status: 'heard', heardText: text })
    expect(Buffer.compare(heard, produced(world))).toBe(0)
    expect(transcripts(world)).toHaveLength(2)
    expect(world.async.opened).toBe(1)
  })
})

describe('the first words', () => {
  test.each([
    ['cached', cached],
    ['of this call only', { SPEECH_CACHE: 'off', PRESYNTHESIZE: 'on' }],
  ])('leave when the media stream opens, where they were rendered while the phone rang: %s', async (_how, settings) => {
    await using world = await startWorld({ settings })
    const { call, heard } = await callOnce(world, 1, text, { answer: { afterMs: 5000 } })
    expect(firstAudioMs(call)).toBe(0)
    expect(Buffer.compare(heard, produced(world))).toBe(0)
    const types = call.events.map(({ type }) => type)
    expect(types.indexOf('prepared')).toBeGreaterThan(types.indexOf('dialling'))
    expect(types.indexOf('prepared')).toBeLessThan(types.indexOf('answered'))
    expect(transcripts(world)).toHaveLength(2)
  })

  test('wait for the service where nothing is rendered before the answer', async () => {
    await using world = await startWorld()
    const { call } = await callOnce(world, 1, text, { answer: { afterMs: 5000 } })
    expect(firstAudioMs(call)).toBeGreaterThanOrEqual(world.async.behaviour.firstAudioDelayMs)
    expect(call.events.map(({ type }) => type)).not.toContain('prepared')
  })

  test('of the greeting leave at once for the second one who calls in', async () => {
    await using world = await startWorld({ settings: { ...cached, GREETING: text } })
    rememberSpoken(text)
    for (let index = 0; index < 2; index++) {
      const phone = world.network.dialIn({ from: number(index), voiceUrl: `${world.publicUrl}/twilio/voice` })
      await world.until(phone.ended)
      expect(Buffer.compare(Buffer.from(phone.heard), produced(world))).toBe(0)
    }
    expect(transcripts(world)).toHaveLength(2)
    expect(world.async.opened).toBe(1)
  })

  test('are not forgotten when others drive them out of the memory while the phone rings', async () => {
    await using world = await startWorld({ settings: cached })
    const memoryBytes = 1
    const store = createAudioStore({ clock: world.clock, memoryBytes, keepMs: 1000 })
    const { url, apiKey, voiceId } = world.async
    const plain = createAsyncSpeech({ url, apiKey, voiceId, modelId: 'async_flash_v1.5' }, world)
    await using other = await startWorld({ speech: cacheSpeech(plain, { store, clock: world.clock }) })
    expect(other.async.opened).toBe(0)
    const session = other.app.speech.open({ signal: new AbortController().signal, prepare: ['Hello.'] })
    await world.clock.advance(5000)
    expect(transcripts(world)).toEqual(['Hello.'])
    let bytes = 0
    const input = session.speak({ audio: (_payload, audioBytes) => void (bytes += audioBytes), ended() {} })
    input.push('Hello.')
    input.end()
    await Promise.resolve()
    await Promise.resolve()
    expect(bytes).toBe(produced(world).length)
    await world.until(session.close())
  })
})

describe('what is seen of it', () => {
  test('the timeline, its events and the metrics tell what was found and what was made', async () => {
    await using world = await startWorld({ settings: cached })
    for (let index = 0; index < 2; index++) {
      const message = index === 0 ? text : `${text} And more.`
      const { call } = await callOnce(world, index, message, { answer: { afterMs: 3000 } })
      const answer = await fetch(`${world.publicUrl}/calls/${call.callId}`)
      const { timeline } = (await answer.json()) as { timeline: { type: string }[] }
      const told = timeline.filter(({ type }) => type === 'cache' || type === 'prepared')
      const audioMs = expect.any(Number)
      expect(told).toMatchObject(
        index === 0
          ? [{ hits: 0, shared: 0, misses: 2 }, { audioMs }]
          : [{ hits: 2, shared: 0, misses: 1 }, { audioMs }],
      )
    }
    const scrape = readScrape(await (await fetch(`${world.publicUrl}/metrics`)).text())
    const count = (result: string) => scrape.sum('callbridge_speech_cache_total', `provider="async",result="${result}"`)
    expect([count('hit'), count('shared'), count('miss')]).toEqual([2, 0, 3])
  })
})

describe('the cache on disk', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'callbridge-cache-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('serves the calls of the next process', async () => {
    const clock = createSteppedClock()
    for (let process = 0; process < 2; process++) {
      const disk = { maxBytes: 1_000_000, keepMs: 3_600_000, clock, log: { warn() {}, debug() {} } }
      const world = await startWorld()
      const { apiKey, voiceId } = world.async
      // The address is a part of what the sound depends on, and each emulator has another one.
      const plain = createAsyncSpeech({ url: world.async.url, apiKey, voiceId, modelId: 'async_flash_v1.5' }, world)
      const store = createAudioStore({
        ...disk,
        memoryBytes: 1_000_000,
        folder: createAudioFolder({ folder, ...disk }),
      })
      const speech = cacheSpeech({ ...plain, identity: () => 'the same' }, { store, clock: world.clock })
      const session = speech.open({ signal: new AbortController().signal, prepare: ['Hello.'] })
      let prepared = false
      const events: string[] = []
      const second = speech.open({
        signal: new AbortController().signal,
        prepare: ['Hello.'],
        events(event) {
          events.push(event.type === 'cache' ? event.result : event.type)
          if (event.type === 'prepared') prepared = true
        },
      })
      await expect
        .poll(async () => {
          await world.clock.advance(100)
          return prepared
        })
        .toBe(true)
      expect(events).toEqual(process === 0 ? ['shared', 'prepared'] : ['hit', 'prepared'])
      expect(world.async.opened).toBe(process === 0 ? 1 : 0)
      await world.until(Promise.all([session.close(), second.close()]))
      await world.until(speech.close?.() ?? Promise.resolve())
      await world[Symbol.asyncDispose]()
    }
  })

  test('is in DATA_DIR, as large and as long as the settings say', async () => {
    const dayMs = 86_400_000
    const files = () => globSync(`${folder}/speech-cache/*/*.cbs`)
    const disk = (settings: Record<string, string>) =>
      startWorld({ settings: { ...cached, DATA_DIR: folder, SPEECH_CACHE_MB: '1', ...settings } })
    {
      await using world = await disk({ SPEECH_CACHE_MB: '0' })
      await callOnce(world, 1, text)
    }
    expect(files()).toEqual([])
    {
      await using world = await disk({ SPEECH_CACHE_DAYS: '2', SPEECH_CACHE_MEMORY_MB: '1' })
      await callOnce(world, 1, text)
      await world.clock.advance(dayMs)
      await callOnce(world, 1, text)
      expect(transcripts(world)).toHaveLength(2)
      await world.clock.advance(dayMs)
      await callOnce(world, 1, text)
      expect(transcripts(world)).toHaveLength(4)
    }
    expect(files()).toHaveLength(2)
  })
})
