import type { Clock } from '../../ops/clock.ts'
import { serviceError } from './errors.ts'
import { type AsyncAccountSettings, createAsyncHttp, jsonOf } from './http-client.ts'
import { isRecord, readFailure, unexpectedAnswer } from './http-errors.ts'
import { audioKind } from './voice-file.ts'

/** What a file is to be (OpenAPI, `/text_to_speech`). `encoding` is of WAV and raw, `bitRate` of MP3. */
export interface AudioFormat {
  readonly container: 'wav' | 'mp3' | 'raw'
  /** 8,000 to 48,000. */
  readonly sampleRateHz: number
  readonly encoding?: 'pcm_s16le' | 'pcm_f32le'
  /** Bits a second, 32,000 to 320,000. */
  readonly bitRate?: number
}

export interface WholeSpeechRequest {
  readonly text: string
  readonly voiceId: string
  readonly modelId: string
  readonly language?: string | undefined
  readonly format: AudioFormat
  /** 0.7 to 2, of `async_flash_v1.0` only. */
  readonly speed?: number | undefined
  /** 0 to 100, of `async_flash_v1.0` only. */
  readonly stability?: number | undefined
}

/** A word, and when it is said. */
export interface TimedWord {
  readonly word: string
  readonly startMs: number
  readonly endMs: number
}

export interface WholeSpeech {
  readonly audio: Uint8Array
  /** `undefined` where times were not asked for. */
  readonly words: readonly TimedWord[] | undefined
}

/** A long text is made whole before the first byte of it comes. */
const silenceMs = 180_000
/** Twenty minutes of the best quality. */
const maxBytes = 400 * 1024 * 1024

/**
 * A text as a whole audio file: `POST /text_to_speech`, or with the times of its words `/text_to_speech/with_timestamps`.
 *
 * @throws BridgeError `speech.refused`, `speech.busy`, `speech.unavailable`, `speech.lost`
 */
export async function speakWhole(
  account: AsyncAccountSettings,
  request: WholeSpeechRequest,
  { clock, timestamps }: { readonly clock: Clock; readonly timestamps: boolean },
): Promise<WholeSpeech> {
  const answer = await createAsyncHttp(account, { clock }).request({
    method: 'POST',
    path: timestamps ? '/text_to_speech/with_timestamps' : '/text_to_speech',
    json: bodyOf(request),
    silenceMs,
    maxBytes,
  })
  const { container } = request.format
  if (!timestamps) return { audio: checkAudio(answer, container), words: undefined }
  const timed = readTimed(jsonOf(answer))
  return { ...timed, audio: checkAudio(timed.audio, container) }
}

function bodyOf({ text, voiceId, modelId, language, format, speed, stability }: WholeSpeechRequest): unknown {
  const { container, sampleRateHz, encoding, bitRate } = format
  return {
    model_id: modelId,
    transcript: text,
    voice: { mode: 'id', id: voiceId },
    output_format: {
      container,
      sample_rate: sampleRateHz,
      ...(encoding === undefined ? {} : { encoding }),
      ...(bitRate === undefined ? {} : { bit_rate: bitRate }),
    },
    ...(language === undefined ? {} : { language }),
    ...(speed === undefined ? {} : { speed_control: speed }),
    ...(stability === undefined ? {} : { stability }),
  }
}

/** WAV and MP3 are known by their first bytes; raw samples may be anything but JSON. */
function checkAudio(bytes: Uint8Array, container: AudioFormat['container']): Uint8Array {
  if (bytes[0] === 0x7b && bytes.length < 64 * 1024) {
    const failure = readFailure(new TextDecoder().decode(bytes))
    if (failure) throw serviceError(failure)
  }
  if (bytes.length === 0 || (container !== 'raw' && audioKind(bytes) !== container))
    throw unexpectedAnswer(container === 'raw' ? 'audio' : `${container.toUpperCase()} file`)
  return bytes
}

function readTimed(value: unknown): { audio: Uint8Array; words: readonly TimedWord[] } {
  const problem = unexpectedAnswer('audio with the times of its words')
  if (!isRecord(value)) throw problem
  const { audio_base64: base64, alignment } = value
  if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || !isRecord(alignment)) throw problem
  const { words, word_start_times_milliseconds: starts, word_end_times_milliseconds: ends } = alignment
  if (!Array.isArray(words) || !Array.isArray(starts) || !Array.isArray(ends)) throw problem
  if (words.length !== starts.length || words.length !== ends.length) throw problem
  const timed = words.map((word: unknown, index) => {
    const startMs: unknown = starts[index]
    const endMs: unknown = ends[index]
    if (typeof word !== 'string' || !isTime(startMs) || !isTime(endMs)) throw problem
    return { word, startMs, endMs: Math.max(startMs, endMs) }
  })
  return { audio: Buffer.from(base64, 'base64'), words: timed }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
