import { describe, expect, onTestFinished, test } from 'vitest'
import { readSayArguments } from '../../../scripts/say-arguments.ts'
import { sayAsPhone, whyNotAsPhone } from '../../../scripts/say-as-phone.ts'
import { formatOf } from '../../../scripts/say-with-async.ts'
import { readWav } from '../../../src/audio/read-wav.ts'
import type { AsyncBehaviour } from '../../../src/simulator/async/behaviour.ts'
import { startAsyncService } from '../../../src/simulator/async/service.ts'
import { realClock } from '../../../src/simulator/clock.ts'
import { createAsyncHttpSpeech } from '../../../src/speech/async/http-provider.ts'

const read = (...words: string[]) => readSayArguments(['Hello.', 'out.wav', ...words])

describe('the words of npm run say', () => {
  test('are a text, a file and options', () => {
    const words = ['--provider', 'local', '--rate', '8000', '--speed', '1.25', '--stability', '50', '--timestamps']
    expect(read(...words, '--voice', 'v', 'LOG_LEVEL=debug')).toMatchObject({
      text: 'Hello.',
      file: 'out.wav',
      provider: 'local',
      rateHz: 8000,
      speed: 1.25,
      stability: 50,
      timestamps: true,
      container: undefined,
      settings: { '--voice': 'v', LOG_LEVEL: 'debug' },
    })
    expect(readSayArguments(['--help'])).toMatchObject({ help: true })
  })

  test.each<[string[], RegExp]>([
    [['x'], /a text and a file.*3 words came/],
    [['--rate', '7999'], /--rate: expected a number from 8000 to 48000/],
    [['--rate', '8000.5'], /--rate: expected a whole number/],
    [['--rate', '0x2000'], /--rate/],
    [['--speed', '0.5'], /--speed: expected a number from 0.7 to 2/],
    [['--speed', 'NaN'], /--speed/],
    [['--stability', '101'], /--stability/],
    [['--bit-rate', '1000'], /--bit-rate/],
    [['--container', 'ogg'], /--container: expected one of wav, mp3, raw/],
    [['--encoding', 'mulaw'], /--encoding: expected one of pcm_s16le/],
    [['--colour'], /Unknown option/],
  ])('%j is refused', (words, message) => {
    expect(() => read(...words)).toThrow(message)
  })
})

describe('the format of a file of Async', () => {
  const known = 'async_flash_v1.5'
  const of = (file: string, ...words: string[]) => formatOf(readSayArguments(['Hi.', file, ...words]), known)

  test('follows the ending of its name, or is told', () => {
    expect(of('a.wav')).toEqual({ container: 'wav', encoding: 'pcm_s16le', sampleRateHz: 44_100 })
    expect(of('a.MP3')).toEqual({ container: 'mp3', sampleRateHz: 44_100, bitRate: 192_000 })
    expect(of('a.pcm', '--encoding', 'pcm_f32le')).toMatchObject({ container: 'raw', encoding: 'pcm_f32le' })
    expect(of('a.x', '--container', 'raw', '--rate', '16000')).toMatchObject({ container: 'raw', sampleRateHz: 16_000 })
    expect(of('a.mp3', '--bit-rate', '64000')).toMatchObject({ bitRate: 64_000 })
    for (const file of ['a', 'a.ogg', 'wav']) expect(() => of(file)).toThrow(/ends in .wav, .mp3 or .raw/)
  })

  test('has nothing that its container or model has not', () => {
    expect(() => of('a.mp3', '--encoding', 'pcm_s16le')).toThrow(/--encoding is of wav and raw/)
    expect(() => of('a.wav', '--bit-rate', '64000')).toThrow(/--bit-rate is of mp3/)
    for (const option of ['--speed', '--stability']) {
      const given = read(option, '1')
      expect(() => formatOf(given, known)).toThrow(`${known} has no ${option}; async_flash_v1.0 does`)
      expect(formatOf(given, 'async_flash_v1.0').container).toBe('wav')
      // One we do not know may have it.
      expect(formatOf(given, 'async_flash_v9').container).toBe('wav')
    }
  })
})

async function phone(behaviour: Partial<AsyncBehaviour> = {}, modelId = 'async_flash_v1.5') {
  const service = await startAsyncService({ behaviour: { deliveryRate: Number.POSITIVE_INFINITY, ...behaviour } })
  onTestFinished(() => service.close())
  const { url, apiKey, voiceId } = service
  return { service, provider: createAsyncHttpSpeech({ url, apiKey, voiceId, modelId }, { clock: realClock }) }
}

describe('a provider that speaks as in a call', () => {
  test('says every sentence, in order, into a WAV file of mu-law', async () => {
    const { provider, service } = await phone()
    const text = 'Your order has shipped. It comes tomorrow, or the day after. Goodbye.'
    const { file, ms } = await sayAsPhone(provider, text, { language: 'en', speed: undefined })
    const { audio, ...format } = readWav(file)
    expect(format).toEqual({ encoding: 'mulaw', sampleRateHz: 8000, channels: 1 })
    expect(Buffer.from(audio).equals(Buffer.concat(service.spoken.map((spoken) => spoken.audio)))).toBe(true)
    expect(ms).toBe(audio.length / 8)
    expect(service.spoken.map((spoken) => spoken.transcript)).toHaveLength(3)
    expect(service.faults).toEqual([])
  })

  test('says faster what it is asked to, and fails with its error', async () => {
    const { provider, service } = await phone({}, 'async_flash_v1.0')
    await sayAsPhone(provider, 'Hello.', { language: undefined, speed: 1.5 })
    expect(service.requests[0]?.body).toMatchObject({ speed_control: 1.5 })
    service.behaviour.incidents = [{ at: 'request', what: { kind: 'error', code: 'USAGE_LIMIT_EXCEEDED' } }]
    const saying = sayAsPhone(provider, 'Hello. And more.', { language: undefined, speed: undefined })
    await expect(saying).rejects.toMatchObject({ code: 'speech.refused' })
  })

  test('is asked for nothing that it has not', async () => {
    const { provider } = await phone()
    expect(whyNotAsPhone(read(), provider)).toBeUndefined()
    expect(whyNotAsPhone(read('--container', 'wav'), provider)).toBeUndefined()
    for (const [words, message] of [
      [['--timestamps'], /does not tell when a word is said/],
      [['--container', 'mp3'], /--container is of the provider async only/],
      [['--encoding', 'pcm_s16le'], /--encoding is of/],
      [['--rate', '8000'], /--rate is of/],
      [['--bit-rate', '64000'], /--bit-rate is of/],
      [['--stability', '1'], /--stability is of/],
      [['--speed', '1.5'], /one speed only/],
    ] as const)
      expect(whyNotAsPhone(read(...words), provider)).toMatchObject({ code: 'usage.invalid', message })
    expect(whyNotAsPhone(readSayArguments(['Hi.', 'a.mp3']), provider)?.message).toMatch(/ends in .wav/)
    const { provider: legacy } = await phone({}, 'async_flash_v1.0')
    expect(whyNotAsPhone(read('--speed', '1.5'), legacy)).toBeUndefined()
  })
})
