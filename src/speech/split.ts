import { estimateMs } from './estimate.ts'
import { keepKnownMarkup, stripMarkup } from './markup.ts'
import { createSentenceStream } from './sentence-stream.ts'
import { splitSentences } from './sentences.ts'

/**
 * A sentence as it is spoken: `spoken` goes to the service with its markup, `text` is how it is quoted in an outcome,
 * `estimateMs` how long it is thought to sound.
 */
interface SpokenPiece {
  readonly spoken: string
  readonly text: string
  readonly estimateMs: number
}

/** A text as the pieces it is spoken in. */
export function splitForSpeech(text: string, language?: string): SpokenPiece[] {
  return splitSentences(text, language).map((piece) => spokenPiece(piece, language))
}

/** The same for a text that is still being written: a sentence stream, and how each sentence of it is spoken. */
export function streamForSpeech(language?: string) {
  return { ...createSentenceStream(language), piece: (text: string) => spokenPiece(text, language) }
}

function spokenPiece(piece: string, language: string | undefined): SpokenPiece {
  return {
    spoken: keepKnownMarkup(piece),
    text: stripMarkup(piece),
    estimateMs: estimateMs(piece, language),
  }
}
