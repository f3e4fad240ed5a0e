import { msToBytes } from '../../audio/duration.ts'
import { silence } from '../../audio/mulaw.ts'
import type { Voice } from '../voice.ts'
import { parseTranscript } from './markup.ts'

/**
 * The mu-law of one transcript, in pieces: its words by the voice, its breaks as digital silence. The space that ends
 * every transcript belongs to the protocol and is not handed to the voice.
 */
export async function* synthesise(
  voice: Voice,
  transcript: string,
  options: { language?: string; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  for (const segment of parseTranscript(transcript).segments) {
    if (options.signal.aborted) return
    if (segment.kind === 'speech') yield* voice(segment.text, options)
    else yield new Uint8Array(msToBytes(segment.ms)).fill(silence)
  }
}
