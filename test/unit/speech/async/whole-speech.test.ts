import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readWav } from '../../../../src/audio/read-wav.ts'
import { asBridgeError } from '../../../../src/errors.ts'
import type { AsyncBehaviour } from '../../../../src/simulator/async/behaviour.ts'
import { startAsyncService } from '../../../../src/simulator/async/service.ts'
import { createSteppedClock } from '../../../../src/simulator/clock.ts'
import { type AudioFormat, speakWhole, type WholeSpeechRequest } from '../../../../src/speech/async/whole-speech.ts'

const text = 'Your order has shipped.'
const wav: AudioFormat = { container: 'wav', encoding: 'pcm_s16le', sampleRateHz: 24_000 }

async function start(behaviour: Partial<AsyncBehaviour> = {}) {
  const clock = createSteppedClock()
  const service = await startAsyncService({ clock, behaviour })
  onTestFinished(() => service.close())
  const { url, apiKey, voiceId } = service
  const speak = (fields: Partial<WholeSpeechRequest> = {}, timestamps = false) => {
    const request = { text, voiceId, modelId: 'async_flash_v1.5', format: wav, ...fields }
    return clock.runUntil(speakWhole({ url, apiKey, version: 'v1' }, request, { clock, timestamps }))
  }
  return { service, speak, clock }
}

test('a text comes as a file of the wished kind and length, and nothing is asked for that was not wished', async () => {
  const { service, speak } = await start()
  const { audio, words } = await speak()
  expect(words).toBeUndefined()
  const read = readWav(audio)
  expect(read).toMatchObject({ encoding: 'pcm16', sampleRateHz: 24_000, channels: 1 })
  expect(read.audio.length / 24_000).toBeCloseTo((text.length * 60) / 1000, 1)
  expect(service.requests).toMatchObject([
    {
      path: '/text_to_speech',
      body: {
        model_id: 'async_flash_v1.5',
        transcript: text,
        voice: { mode: 'id', id: service.voiceId },
        output_format: { container: 'wav', encoding: 'pcm_s16le', sample_rate: 24_000 },
      },
    },
  ])
  expect(Object.keys(service.requests[0]?.body ?? {})).toHaveLength(4)
  expect(service.faults).toEqual([])
})

test('speed, stability, language and the bits of MP3 go by their own names', async () => {
  const { service, speak } = await start()
  await speak({ modelId: 'async_flash_v1.0', speed: 1.5, stability: 80, language: 'de' })
  const mp3 = { container: 'mp3', sampleRateHz: 44_100, bitRate: 64_000 } as const
  // The emulator makes no MP3.
  await expect(speak({ format: mp3 })).rejects.toMatchObject({ details: { asyncCode: 'FORMAT_NOT_RECOGNIZED' } })
  expect(service.requests.map((request) => request.body)).toMatchObject([
    { speed_control: 1.5, stability: 80, language: 'de' },
    { output_format: { container: 'mp3', sample_rate: 44_100, bit_rate: 64_000 } },
  ])
  expect(service.faults.map((fault) => fault.code)).toEqual(['refused-request'])
})

test('with timestamps every word comes with its time, within the audio', async () => {
  const { speak, service } = await start()
  const { audio, words } = await speak({}, true)
  expect(words?.map((one) => one.word)).toEqual(['Your', 'order', 'has', 'shipped.'])
  expect(words?.[1]).toEqual({ word: 'order', startMs: 300, endMs: 600 })
  const lengthMs = (readWav(audio).audio.length / 24_000) * 1000
  expect(words?.at(-1)?.endMs).toBeLessThanOrEqual(lengthMs + 1)
  expect(service.faults).toEqual([])
})

test('a text that takes two minutes to be made is waited for', async () => {
  const { speak, clock } = await start({ firstAudioDelayMs: 120_000 })
  const began = clock.now()
  await speak()
  expect(clock.now() - began).toBeGreaterThan(120_000)
})

describe('what is no audio is told', () => {
  test.each(['json', 'unlabelled-json'] as const)('an error in place of a file (%s)', async (httpBody) => {
    const { speak } = await start({ httpBody })
    for (const format of [wav, { ...wav, container: 'raw' } as const])
      await expect(speak({ format })).rejects.toMatchObject({ details: { asyncCode: 'USAGE_LIMIT_EXCEEDED' } })
  })

  test('a request that is refused', async () => {
    const { speak } = await start({
      incidents: [{ at: 'request', what: { kind: 'error', code: 'RATE_LIMIT_EXCEEDED' } }],
    })
    await expect(speak()).rejects.toMatchObject({ code: 'speech.busy', details: { retryAfterMs: 8500 } })
  })

  const good = { words: ['a'], word_start_times_milliseconds: [0], word_end_times_milliseconds: [5] }
  const file = Buffer.from('RIFF0000WAVE').toString('base64')
  test.each<[string, unknown, boolean]>([
    ['nothing', '', false],
    ['a page', '<html>', false],
    ['nothing for timestamps', '', true],
    ['a list', [], true],
    ['no alignment', { audio_base64: file }, true],
    ['no base64', { audio_base64: '%%%', alignment: good }, true],
    ['audio that is none', { audio_base64: 'aGVsbG8=', alignment: good }, true],
    ['words without times', { audio_base64: file, alignment: { ...good, word_end_times_milliseconds: [] } }, true],
    ['times that are none', { audio_base64: file, alignment: { ...good, word_start_times_milliseconds: ['0'] } }, true],
    [
      'times before the start',
      { audio_base64: file, alignment: { ...good, word_start_times_milliseconds: [-1] } },
      true,
    ],
    ['words that are none', { audio_base64: file, alignment: { ...good, words: [null] } }, true],
  ])('%s', async (_what, body, timestamps) => {
    const clock = createSteppedClock()
    const server = createServer((request, response) => {
      request.resume()
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const account = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, apiKey: 'k', version: 'v1' }
    const request = { text, voiceId: 'v', modelId: 'm', format: wav }
    const speaking = speakWhole(account, request, { clock, timestamps }).then(() => undefined, asBridgeError)
    expect(await clock.runUntil(speaking)).toMatchObject({
      code: 'speech.refused',
      message: /Async answered with something/,
    })
  })
})
