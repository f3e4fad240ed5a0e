import { cutLong } from '../cut.ts'
import { speakBytes } from './limits.ts'

/** As Deepgram counts at most. */
export function sizeOf(text: string): number {
  return Buffer.byteLength(text.toWellFormed())
}

/** The first part of a text, short enough for one message; cut behind a clause or a word where there is one. */
export function firstPart(text: string): string {
  let longestChars = speakBytes
  for (;;) {
    const part = text.slice(0, cutLong(text, [text.length], [], longestChars)[0])
    if (sizeOf(part) <= speakBytes || longestChars < 4) return part
    longestChars = Math.floor(longestChars / 2)
  }
}

/** What stands between two pushed pieces: they keep their own spaces, but two sentences never run together. */
export function spaceBetween(before: string, piece: string): string {
  return /[.!?…]["'’”»)\]]*$/u.test(before) && /^["'‘“«([¿¡]*[\p{Lu}\p{Lt}\p{Lo}]/u.test(piece) ? ' ' : ''
}

/** Whether a text ends as a sentence does: where the writer pauses here, it need not be waited for. */
export function endsSentence(text: string): boolean {
  return /[.!?…。！？।؟]["'’”»)\]]*\s*$/u.test(text)
}

export function hasWord(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text)
}
