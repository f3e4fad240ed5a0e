import { estimateMs } from './estimate.ts'
import { keepKnownMarkup, stripMarkup } from './markup.ts'
import { splitSentences } from './sentences.ts'

/**
 * A text as the pieces it is spoken in: `spoken` goes to the service with its markup, `text` is how the piece is
 * quoted in an outcome, `estimateMs` how long it is thought to sound.
 */
export function splitForSpeech(
  text: string,
  language?: string,
): { readonly spoken: string; readonly text: string; readonly estimateMs: number }[] {
  return splitSentences(text, language).map((piece) => ({
    spoken: keepKnownMarkup(piece),
    text: stripMarkup(piece),
    estimateMs: estimateMs(piece, language),
  }))
}
