import { bytesToMs, msToBytes } from '../../audio/duration.ts'
import { silence } from '../../audio/mulaw.ts'
import type { Voice } from '../voice.ts'
import { parseTranscript } from './markup.ts'

/** When each word begins and ends, as `POST /text_to_speech/with_timestamps` tells it (OpenAPI). */
export interface Alignment {
  readonly words: string[]
  readonly word_start_times_milliseconds: number[]
  readonly word_end_times_milliseconds: number[]
}

/**
 * The whole mu-law of a transcript, and its words in time. A voice tells no times, so every character of a stretch of
 * speech is taken to last as long as any other: exact for `toneVoice`, near enough for others.
 */
export async function speakAligned(
  voice: Voice,
  transcript: string,
  options: { language?: string; signal: AbortSignal },
): Promise<{ audio: Uint8Array; alignment: Alignment }> {
  const pieces: Uint8Array[] = []
  const alignment: Alignment = { words: [], word_start_times_milliseconds: [], word_end_times_milliseconds: [] }
  let bytes = 0
  for (const segment of parseTranscript(transcript).segments) {
    const began = bytes
    const keep = (piece: Uint8Array) => {
      pieces.push(piece)
      bytes += piece.length
    }
    if (segment.kind === 'silence') {
      keep(new Uint8Array(msToBytes(segment.ms)).fill(silence))
      continue
    }
    for await (const piece of voice(segment.text, options)) keep(piece)
    const characterMs = bytesToMs(bytes - began) / segment.text.length
    for (const word of segment.text.matchAll(/\S+/g)) {
      const startMs = bytesToMs(began) + word.index * characterMs
      alignment.words.push(word[0])
      alignment.word_start_times_milliseconds.push(Math.round(startMs))
      alignment.word_end_times_milliseconds.push(Math.round(startMs + word[0].length * characterMs))
    }
  }
  return { audio: Buffer.concat(pieces), alignment }
}
