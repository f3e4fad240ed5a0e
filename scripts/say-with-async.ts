import { extname } from 'node:path'
import { BridgeError } from '../src/errors.ts'
import type { Clock } from '../src/ops/clock.ts'
import { isKnownModel, speedsOf, stabilitiesOf } from '../src/speech/async/models.ts'
import type { AsyncSpeechSettings } from '../src/speech/async/provider.ts'
import { audioMs } from '../src/speech/async/voice-file.ts'
import { webVtt } from '../src/speech/async/web-vtt.ts'
import { type AudioFormat, speakWhole } from '../src/speech/async/whole-speech.ts'
import { keepKnownMarkup } from '../src/speech/markup.ts'
import { containers, type SayArguments } from './say-arguments.ts'

const defaultRateHz = 44_100

/** What is to be written where. */
export interface SaidFile {
  readonly file: string
  readonly content: Uint8Array | string
  /** How long it sounds, where that is known. */
  readonly ms?: number | undefined
}

/**
 * What the model and the container cannot do is told before anything is asked for.
 *
 * @throws BridgeError `usage.invalid`
 */
export function formatOf(given: SayArguments, modelId: string): AudioFormat {
  const { encoding, rateHz: sampleRateHz = defaultRateHz, bitRate } = given
  const container = given.container ?? containerOf(given.file)
  if (container === 'mp3' && encoding !== undefined) throw usage('--encoding is of wav and raw; MP3 has its own.')
  if (container !== 'mp3' && bitRate !== undefined) throw usage('--bit-rate is of mp3 only.')
  if (isKnownModel(modelId)) {
    const refused = (option: string) => usage(`The model ${modelId} has no ${option}; async_flash_v1.0 does (--model).`)
    if (given.speed !== undefined && !speedsOf(modelId)) throw refused('--speed')
    if (given.stability !== undefined && !stabilitiesOf(modelId)) throw refused('--stability')
  }
  return {
    container,
    sampleRateHz,
    ...(container === 'mp3' ? { bitRate: bitRate ?? 192_000 } : { encoding: encoding ?? 'pcm_s16le' }),
  }
}

/** A text as one file, and with `--timestamps` its words in time as two more. @throws BridgeError */
export async function sayWithAsync(
  settings: AsyncSpeechSettings,
  text: string,
  given: SayArguments,
  clock: Clock,
): Promise<readonly SaidFile[]> {
  const { url, apiKey, version = 'v1', voiceId, modelId, language } = settings
  const format = formatOf(given, modelId)
  const { speed, stability, timestamps, file } = given
  const request = { text: keepKnownMarkup(text), voiceId, modelId, language, format, speed, stability }
  const { audio, words } = await speakWhole({ url, apiKey, version }, request, { clock, timestamps })
  const said: SaidFile[] = [{ file, content: audio, ms: lengthMs(audio, format) }]
  if (!words) return said
  const base = file.slice(0, file.length - extname(file).length)
  return [
    ...said,
    { file: `${base}.words.json`, content: `${JSON.stringify({ words }, undefined, 2)}\n` },
    { file: `${base}.vtt`, content: webVtt(words) },
  ]
}

function lengthMs(audio: Uint8Array, { container, sampleRateHz, encoding }: AudioFormat): number | undefined {
  if (container === 'raw') return (audio.length / (encoding === 'pcm_f32le' ? 4 : 2) / sampleRateHz) * 1000
  return audioMs(audio)
}

function containerOf(file: string): AudioFormat['container'] {
  const ending = extname(file).slice(1).toLowerCase()
  const container = containers.find((known) => known === (ending === 'pcm' ? 'raw' : ending))
  if (container) return container
  throw usage('Expected a file that ends in .wav, .mp3 or .raw, or a --container.')
}

function usage(problem: string): BridgeError {
  return new BridgeError('usage.invalid', problem)
}
