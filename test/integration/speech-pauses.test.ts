import { describe, expect, test } from 'vitest'
import { bytesToMs } from '../../src/audio/duration.ts'
import type { AsyncBehaviour } from '../../src/simulator/async/behaviour.ts'
import { startAsyncService } from '../../src/simulator/async/service.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import { createAsyncSpeech } from '../../src/speech/async/provider.ts'
import type { SpeechEvent } from '../../src/speech/provider.ts'
import { startWorld } from '../world.ts'

const dialogue = ['Hello there.', 'Yes.', 'Your order is on its way.', 'Not yet.', 'Soon.', 'It comes at ten.', 'Bye.']
const message = Array.from({ length: 5 }, (_, index) => `This is sentence ${index + 1} of an ordinary message.`)
const nearRealTime = { deliveryRate: 1.2, firstAudioDelayMs: 300 }

interface Pauses {
  /** Between the last audio of one utterance and the first of the next, as they were passed on. */
  readonly betweenMs: number[]
  /** Silences behind the first audio, for somebody who plays all as it comes. */
  readonly heardMs: number[]
}

/** Says each text as an utterance of its own, all given at once, and tells the pauses. */
async function pausesOf(texts: readonly string[], behaviour: Partial<AsyncBehaviour>): Promise<Pauses> {
  const clock = createSteppedClock()
  const service = await startAsyncService({ clock, behaviour })
  const { url, apiKey, voiceId } = service
  const provider = createAsyncSpeech({ url, apiKey, voiceId, modelId: 'async_flash_v1.5' }, { clock })
  const session = provider.open({ signal: new AbortController().signal })
  const chunks: { utterance: number; atMs: number; ms: number }[] = []
  const ended = texts.map(async (text, utterance) => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const input = session.speak({
      audio: (_payload, audioBytes) => void chunks.push({ utterance, atMs: clock.now(), ms: bytesToMs(audioBytes) }),
      ended: ({ kind }) => resolve(kind),
    })
    input.push(text)
    input.end()
    expect(await promise).toBe('done')
  })
  await clock.runUntil(Promise.all(ended))
  await clock.runUntil(session.close())
  await service.close()
  expect(service.faults).toEqual([])

  const betweenMs: number[] = []
  const heardMs: number[] = []
  let before = chunks[0]
  let playedUntilMs = before?.atMs ?? 0
  for (const chunk of chunks) {
    if (before && chunk.utterance !== before.utterance) betweenMs.push(chunk.atMs - before.atMs)
    // Less than a millisecond is the arithmetic of the clock.
    if (chunk.atMs - playedUntilMs > 1) heardMs.push(chunk.atMs - playedUntilMs)
    playedUntilMs = Math.max(playedUntilMs, chunk.atMs) + chunk.ms
    before = chunk
  }
  expect(betweenMs).toHaveLength(texts.length - 1)
  return { betweenMs, heardMs }
}

describe('between two sentences', () => {
  test.each<[string, readonly string[], Partial<AsyncBehaviour>]>([
    ['as usual', message, {}],
    ['as usual, short ones', dialogue, {}],
    ['a service close to real time', message, nearRealTime],
    ['a service close to real time, short ones', dialogue, nearRealTime],
    [
      'a service at real time, small chunks',
      dialogue,
      { deliveryRate: 1, firstAudioDelayMs: 300, chunks: { kind: 'tiny' } },
    ],
    ['a service that says each end with the last audio', dialogue, { ...nearRealTime, final: 'with-last-audio' }],
  ])('nothing is heard of the synthesis: %s', async (_name, texts, behaviour) => {
    const { betweenMs, heardMs } = await pausesOf(texts, behaviour)
    expect(heardMs).toEqual([])
    // A chunk at the pace of the service, and no more.
    for (const ms of betweenMs) expect(ms).toBeLessThanOrEqual(200)
  })

  test('final that never comes costs 1.5 s of quiet, which is not heard where the service is fast enough', async () => {
    const usual = await pausesOf(message, { final: 'missing' })
    expect(Math.max(...usual.betweenMs)).toBe(1500)
    expect(usual.heardMs).toEqual([])
    const slow = await pausesOf(message, { ...nearRealTime, final: 'missing' })
    expect(Math.max(...slow.betweenMs)).toBe(1500)
  })

  test('where replies bear no ids, each sentence waits for the end of the former one', async () => {
    const { betweenMs } = await pausesOf(message, { contextIdInReplies: false, firstAudioDelayMs: 300 })
    for (const ms of betweenMs) expect(ms).toBe(600)
  })

  test('an account that may not have two texts made at once has pauses, and every sentence is said', async () => {
    const { betweenMs } = await pausesOf(message, {
      firstAudioDelayMs: 300,
      incidents: [{ at: 'transcript', nth: 2, what: { kind: 'error', code: 'TOO_MANY_CONCURRENT_REQUESTS' } }],
    })
    for (const ms of betweenMs) expect(ms).toBe(600)
  })
})

describe('a whole call', () => {
  test('the phone hears one piece of sound without a gap, though the service is hardly faster than it', async () => {
    await using world = await startWorld({ async: { behaviour: nearRealTime } })
    const phone = world.network.phone('+15551230001')
    const outcome = await world.until(world.dial('+15551230001', dialogue.join(' ')).outcome)
    await world.until(phone.ended)
    expect(world.async.spoken.map((one) => one.transcript.trim())).toEqual(dialogue)
    expect(outcome).toMatchObject({ status: 'heard', heardText: dialogue.join(' ') })
    const heard = Buffer.from(phone.heard)
    expect(heard.equals(Buffer.concat(world.async.spoken.map((one) => one.audio)))).toBe(true)
    // The recording holds every silence that was heard: the sound stands in it in one piece.
    expect(Buffer.from(phone.recording).includes(heard)).toBe(true)
  })

  test('onSpeech is told of the connection of each call, by the id of the call', async () => {
    const events: [SpeechEvent, string][] = []
    await using world = await startWorld({ onSpeech: (...told) => void events.push(told) })
    const phone = world.network.phone('+15551230001')
    const call = world.dial('+15551230001', 'Hello.')
    await world.until(call.outcome)
    await world.until(phone.ended)
    expect(events).toEqual([
      [{ type: 'connected', provider: 'async' }, call.callId],
      [{ type: 'disconnected', provider: 'async', error: undefined }, call.callId],
    ])
  })
})
