import { readWav } from '../../audio/read-wav.ts'
import type { AsyncBehaviour } from './behaviour.ts'
import type { MessageFault } from './client-messages.ts'
import type { VoiceChanges } from './voice-catalogue.ts'
import type { Judged } from './voice-requests.ts'

export const largestFileBytes = 10 * 1024 * 1024
const leastMs = 3000
const fields = ['audio', 'name', 'description', 'accent', 'gender', 'style', 'enhance']

export type CloneRequest = VoiceChanges & { readonly name: string }

/** The parts of a form, as far as they are of use to a test: the size of a file, not its bytes. */
export interface SeenForm {
  readonly value: Readonly<Record<string, string | number>>
  readonly audio: Uint8Array | undefined
}

/** Reads a `multipart/form-data` body with the parser of Node itself; undefined when it is none. */
export async function readForm(body: Buffer, contentType: string | undefined): Promise<SeenForm | undefined> {
  if (!contentType?.startsWith('multipart/form-data')) return undefined
  let form: FormData
  try {
    form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  } catch {
    return undefined
  }
  const value: Record<string, string | number> = {}
  let audio: Uint8Array | undefined
  for (const [name, part] of form.entries()) {
    value[name] = typeof part === 'string' ? part : part.size
    if (name === 'audio' && typeof part !== 'string') audio = new Uint8Array(await part.arrayBuffer())
  }
  return { value, audio }
}

/**
 * Judges `POST /voices/clone`. Of WAV files the length is measured; MP3, FLAC and AIFF are known by their first bytes
 * and taken to be long enough.
 */
export function judgeClone(
  form: SeenForm | undefined,
  voicesCloned: number,
  behaviour: Readonly<AsyncBehaviour>,
): Judged<CloneRequest> {
  if (!form)
    return {
      error: { code: 'INVALID_REQUEST' },
      faults: [{ code: 'wrong-type', detail: 'the body is multipart/form-data' }],
    }
  const { value, audio } = form
  const faults: MessageFault[] = Object.keys(value)
    .filter((name) => !fields.includes(name))
    .map((name) => ({ code: 'unknown-field', detail: name.slice(0, 40) }))
  const missing = (detail: string): Judged<never> => ({
    error: { code: 'INVALID_REQUEST', message: `${detail} is required.` },
    faults: [...faults, { code: 'missing-field', detail }],
  })
  const { name, description, accent, gender, style, enhance } = value
  if (!audio) return missing('audio')
  if (typeof name !== 'string' || name === '') return missing('name')
  if (enhance !== undefined && enhance !== 'true' && enhance !== 'false')
    faults.push({ code: 'wrong-type', detail: 'enhance is true or false' })
  if (audio.length > largestFileBytes) return { error: { code: 'FILE_TOO_LARGE' }, faults }
  const durationMs = speechMs(audio)
  if (durationMs === undefined) return { error: { code: 'FORMAT_NOT_RECOGNIZED' }, faults }
  if (durationMs < leastMs) return { error: { code: 'SHORT_SPEECH_DURATION' }, faults }
  if (behaviour.cloneQuality === 'bad') return { error: { code: 'BAD_SPEECH_QUALITY' }, faults }
  if (voicesCloned >= behaviour.cloneLimit) return { error: { code: 'VOICE_CLONE_LIMIT_EXCEEDED' }, faults }
  const described = Object.entries({ description, accent, gender, style }).filter(([, text]) => text !== undefined)
  return { value: { name, ...Object.fromEntries(described.map(([key, text]) => [key, String(text)])) }, faults }
}

/** Milliseconds; infinity where only the format is known; undefined for what is no audio of a known format. */
function speechMs(file: Uint8Array): number | undefined {
  const begin = Buffer.from(file.subarray(0, 12)).toString('latin1')
  if (/^(?:ID3|fLaC|FORM.{4}AIF)/s.test(begin)) return Number.POSITIVE_INFINITY
  if (file[0] === 0xff && ((file[1] ?? 0) & 0xe0) === 0xe0) return Number.POSITIVE_INFINITY
  try {
    const { audio, channels, sampleRateHz } = readWav(file)
    return (audio.length / channels / sampleRateHz) * 1000
  } catch {
    return undefined
  }
}
