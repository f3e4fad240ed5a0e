import { createHash } from 'node:crypto'
import { holdIfStepped } from '../clock.ts'
import type { HttpSpeechDependencies } from './http-speech.ts'
import { createEncoder } from '../encoder.ts'
import { wavHeader } from '../wav-container.ts'

const path = /^\/previews\/([^/?]+)\.wav\?signature=([0-9a-f]{64})$/
const sentence = 'Hello, this is how I sound.'
const format = { encoding: 'pcm_s16le', sampleRateHz: 16_000 } as const

function signature(apiKey: string, voiceId: string): string {
  return createHash('sha256').update(`${apiKey} ${voiceId}`).digest('hex')
}

/** Where the preview of a voice can be loaded without a key. */
export function previewPath(apiKey: string, voiceId: string): string {
  return `/previews/${voiceId}.wav?signature=${signature(apiKey, voiceId)}`
}

/** The voice that a signed URL is for; undefined for any other. */
export function previewedVoice(target: string, apiKey: string): string | undefined {
  const [, voiceId, signed] = path.exec(target) ?? []
  return voiceId !== undefined && signed === signature(apiKey, voiceId) ? voiceId : undefined
}

/** The preview itself: one sentence as a small WAV file. */
export async function previewFile({ clock, voice }: HttpSpeechDependencies): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  const release = holdIfStepped(clock)
  try {
    for await (const piece of voice(sentence, { signal: new AbortController().signal })) pieces.push(piece)
  } finally {
    release()
  }
  const samples = createEncoder(format)(Buffer.concat(pieces))
  return Buffer.concat([wavHeader(format, samples.length), samples])
}
