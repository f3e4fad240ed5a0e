import { describe, expect, test } from 'vitest'
import { decodeMulaw } from '../../../../src/audio/mulaw.ts'
import { readWav } from '../../../../src/audio/read-wav.ts'
import { toneVoice } from '../../../../src/simulator/tone-voice.ts'
import type { Voice } from '../../../../src/simulator/voice.ts'
import { json, mulaw, pcm16, startHttp } from './http.ts'

const spokenBytes = async (text: string) => {
  const pieces = []
  for await (const piece of toneVoice(text, { signal: new AbortController().signal })) pieces.push(piece)
  return Buffer.concat(pieces)
}
const littleEndian = (samples: Int16Array) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)

describe('POST /text_to_speech/streaming', () => {
  test('streams mu-law to the byte, in chunks, from the moment the first is made', async () => {
    const { ask, service } = await startHttp({ firstAudioDelayMs: 300, deliveryRate: 1 })
    const asked = await ask()
    const speech = await spokenBytes('Hello there.')
    expect([asked.status, asked.type]).toEqual([200, 'application/octet-stream'])
    expect(asked.body).toEqual(speech)
    expect(asked.pieces.map((piece) => piece.length)).toEqual([1600, 1600, 1600, 960])
    expect(asked.tookMs).toBe(300 + 600)
    expect(service.faults).toEqual([])
    expect(service.requests).toMatchObject([{ number: 1, path: '/text_to_speech/streaming', status: 200, faults: [] }])
    expect(service.spoken).toMatchObject([{ connection: 0, contextId: 'request-1', transcript: 'Hello there. ' }])
    expect(Buffer.from(service.spoken[0]?.audio ?? [])).toEqual(speech)
  })

  test('takes the sizes, gaps and breaks that the websocket takes', async () => {
    const { ask } = await startHttp({
      chunks: { kind: 'odd' },
      deliveryRate: Number.POSITIVE_INFINITY,
      gap: { everyChunks: 2, ms: 1000 },
    })
    const asked = await ask({ fields: { transcript: "ab<break time='500ms'/>" } })
    expect(asked.body).toEqual(Buffer.concat([await spokenBytes('ab'), Buffer.alloc(4000, 0xff)]))
    expect(asked.tookMs).toBe(150 + 1000 * Math.floor((countOdd(asked.body.length) - 1) / 2))
  })

  test.each([
    ['pcm_s16le', 2],
    ['pcm_f32le', 4],
  ])('streams %s too, and the samples are those of the speech', async (encoding, sampleBytes) => {
    const { ask } = await startHttp()
    const { body } = await ask({ fields: { output_format: { ...mulaw, encoding } } })
    const samples = decodeMulaw(await spokenBytes('Hello there.'))
    expect(body.length).toBe(samples.length * sampleBytes)
    if (sampleBytes === 2) expect(body).toEqual(littleEndian(samples))
    else expect(body.readFloatLE(400)).toBeCloseTo((samples[100] ?? 0) / 32_768)
  })

  test('a client that goes away is not spoken to any more', async () => {
    const { clock, request, service } = await startHttp({ deliveryRate: 1 })
    const response = await clock.runUntil(request({ fields: { transcript: 'x'.repeat(1000) } }))
    await clock.advance(1000)
    await response.body?.cancel()
    await clock.advance(2000)
    const audioBytes = service.spoken[0]?.audio.length ?? 0
    await clock.advance(60_000)
    expect(service.spoken[0]?.audio.length).toBe(audioBytes)
    expect(audioBytes).toBeLessThan(40_000)
  })
})

/** How many chunks of `chunks: { kind: 'odd' }` so many bytes are. */
function countOdd(bytes: number): number {
  const sizes = [799, 1, 161, 1601, 3, 319]
  let chunks = 0
  for (let left = bytes; left > 0; chunks++) left -= sizes[chunks % sizes.length] ?? 0
  return chunks
}

describe('POST /text_to_speech', () => {
  test('answers the whole audio at once, when all of it is made', async () => {
    const { ask } = await startHttp({ firstAudioDelayMs: 100, deliveryRate: 2 })
    const asked = await ask({ endpoint: '' })
    expect([asked.status, asked.type]).toEqual([200, 'audio/pcm'])
    expect(asked.body).toEqual(littleEndian(decodeMulaw(await spokenBytes('Hello there.'))))
    expect(asked.tookMs).toBe(100 + 360)
  })

  test('gives a WAV file that others can read', async () => {
    const { ask } = await startHttp()
    const asked = await ask({
      endpoint: '',
      fields: { output_format: { ...pcm16, container: 'wav', sample_rate: 16_000 } },
    })
    const wav = readWav(asked.body)
    expect(asked.type).toBe('audio/wav')
    expect(wav).toMatchObject({ encoding: 'pcm16', sampleRateHz: 16_000, channels: 1 })
    expect(wav.audio.length).toBe(2 * 12 * 480)
  })

  test('gives a WAV file of floats', async () => {
    const { ask } = await startHttp()
    const format = { container: 'wav', encoding: 'pcm_f32le', sample_rate: 8000 }
    const { body } = await ask({ endpoint: '', fields: { output_format: format } })
    expect([body.readUInt16LE(20), body.readUInt16LE(32), body.readUInt16LE(34)]).toEqual([3, 4, 32])
    expect(body.readUInt32LE(28)).toBe(32_000)
    expect(body.length - 8).toBe(body.readUInt32LE(4))
    expect(body.length - 44).toBe(body.readUInt32LE(40))
    expect(body.length).toBe(44 + 12 * 480 * 4)
  })
})

describe('POST /text_to_speech/with_timestamps', () => {
  test('tells when each word begins and ends, pauses between them', async () => {
    const { ask, service } = await startHttp()
    const asked = await ask({
      endpoint: '/with_timestamps',
      fields: { transcript: "One two,<break time='1s'/> <digits>34</digits> " },
    })
    const told = json(asked) as { audio_base64: string; alignment: unknown }
    expect(asked.type).toBe('application/json')
    // 60 ms a character: "One two," is 480 ms, then a second of nothing, then "3 4".
    expect(told.alignment).toEqual({
      words: ['One', 'two,', '3', '4'],
      word_start_times_milliseconds: [0, 240, 1480, 1600],
      word_end_times_milliseconds: [180, 480, 1540, 1660],
    })
    expect(Buffer.from(told.audio_base64, 'base64').length).toBe(2 * 8 * 1660)
    expect(service.spoken[0]?.audio.length).toBe(8 * 1660)
  })

  test('gives a WAV file inside JSON', async () => {
    const { ask } = await startHttp()
    const asked = await ask({ endpoint: '/with_timestamps', fields: { output_format: { ...pcm16, container: 'wav' } } })
    const { audio_base64: audio } = json(asked) as { audio_base64: string }
    expect(readWav(Buffer.from(audio, 'base64')).audio.length).toBe(12 * 480)
  })
})

describe('a voice that fails', () => {
  const fails: Voice = async function* fails(text) {
    if (text.includes('later')) yield new Uint8Array(20_000).fill(1)
    throw new Error('no breath')
  }

  test.each(['', '/streaming', '/with_timestamps'] as const)(
    'before its first byte is a 500 of its own form: %s',
    async (endpoint) => {
      const { ask } = await startHttp({}, { voice: fails })
      const asked = await ask({ endpoint })
      expect(asked.status).toBe(500)
      expect(json(asked)).toEqual({
        message: 'Synthesis failed.',
        method: 'POST',
        url: `/text_to_speech${endpoint}`,
        detail: 'no breath',
      })
    },
  )

  test('after it breaks the body off', async () => {
    const { ask, service } = await startHttp({}, { voice: fails })
    const asked = await ask({ fields: { transcript: 'later ' } })
    expect(asked.status).toBe(200)
    expect(asked.broken).toBeInstanceOf(Error)
    expect(asked.body.length).toBeGreaterThan(0)
    expect(service.requests[0]?.status).toBe(200)
  })
})
