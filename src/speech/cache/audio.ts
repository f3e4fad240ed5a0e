import { createHash } from 'node:crypto'

/** A piece of sound as it came: base64 mu-law, and what it decodes to. */
export interface Chunk {
  readonly payload: string
  readonly audioBytes: number
}

/** A rendered utterance, in the chunks it came in. */
export type Audio = readonly Chunk[]

export function bytesOf(audio: Audio): number {
  return audio.reduce((sum, chunk) => sum + chunk.audioBytes, 0)
}

/**
 * Under what the audio of a text is kept: 64 hexadecimal digits, from which the text cannot be read. Space around a
 * text is not heard; a sentence of a template has more or less of it, depending on what follows.
 *
 * @param identity what the audio depends on beside the text: `SpeechProvider.identity`
 */
export function keyOf(identity: string, text: string): string {
  return createHash('sha256')
    .update(JSON.stringify([identity, 'mulaw-8000', text.trim()]))
    .digest('hex')
}
