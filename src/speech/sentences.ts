import { segment } from 'sentencex'
import { cutLong } from './cut.ts'
import { hasWords, parseMarkup } from './markup.ts'

/**
 * Takes a text apart into pieces that can be spoken one after the other, mostly sentences.
 *
 * - The pieces, joined, are the text again, to the character.
 * - A markup element (`<break>`, `<digits>`, `<phonemes>`) is never cut in two.
 * - No piece is longer than `longestPieceChars` UTF-16 units, except for a single element that is. Sentences beyond
 *   400 are cut at a clause mark, else at a space, else between two characters as a reader sees them.
 * - A piece without words (only marks, spaces or pauses) is joined to its neighbour, unless the two would be too long.
 *
 * @param language ISO 639 code, with or without region; decides which abbreviations and marks count
 */
export function splitSentences(text: string, language = 'en'): string[] {
  if (text === '') return []
  const { shadow, elements } = shadowOf(text)
  const primary = /^[a-z]+/i.exec(language)?.[0].toLowerCase() ?? 'en'
  const ends = joinInitials(movedSpace(segmented(shadow, primary)))
  return joinWordless(cutLong(text, ends, elements, longestPieceChars - joinableChars), text)
}

/** UTF-16 units: about half a minute of speech, longer than any clause a person speaks. */
export const longestPieceChars = 440
/** Room that a cut leaves, so that marks after it can still be joined. */
const joinableChars = 40

/**
 * A text of the same length in which the splitter sees nothing it would stumble over: elements stand as plain words
 * (a pause as spaces), lone surrogates as letters, and carriage returns, which it loses, as spaces or line feeds.
 */
function shadowOf(text: string): { shadow: string; elements: [start: number, end: number][] } {
  const elements: [number, number][] = []
  let shadow = ''
  for (const part of parseMarkup(text)) {
    const { length } = part.source
    if (part.kind !== 'text') elements.push([shadow.length, shadow.length + length])
    if (part.kind === 'break') shadow += ' '.repeat(length)
    else if (part.kind === 'digits') shadow += '1'.repeat(length)
    else if (part.kind === 'phonemes') shadow += 'A'.padEnd(length, 'a')
    else shadow += part.source
  }
  shadow = shadow
    .replaceAll('\r\n', ' \n')
    .replaceAll('\r', '\n')
    .replaceAll(/\p{Surrogate}/gu, 'a')
  return { shadow: hasStrayQuote(shadow) ? shadow.replaceAll(quote, ' ') : shadow, elements }
}

const quote = /["'`\p{Pi}\p{Pf}\p{Ps}\p{Pe}]/gu
const sentenceMark = /[\p{Sentence_Terminal}…‥;·]/u

/**
 * Whether a quotation mark stands between two sentence marks without a word between them, as in `"Stop."... Then`.
 * sentencex 1.0.17 panics on many of these, and its panic prints the text, which nothing may.
 */
function hasStrayQuote(text: string): boolean {
  for (const [run] of text.matchAll(/[^\p{L}\p{N}]+/gu)) {
    const mark = run.search(sentenceMark)
    if (mark < 0) continue
    const after = run.slice(mark).search(quote)
    if (after >= 0 && sentenceMark.test(run.slice(mark + after))) return true
  }
  return false
}

/** sentencex cuts anywhere after 10,240 bytes of UTF-8, so it is shown less at a time: 3 bytes a unit at most. */
const windowChars = 3000

function segmented(text: string, language: string): string[] {
  const pieces: string[] = []
  let unfinished = ''
  for (let start = 0; start < text.length; ) {
    // Not `isWellFormed`: lone surrogates are gone, so one at the end is half of a pair.
    const half = /[\ud800-\udbff]$/.test(text.slice(start, start + windowChars))
    const window = text.slice(start, start + windowChars - (half ? 1 : 0))
    const found = segmentedWindow(window, language)
    start += window.length
    if (start < text.length) {
      // What stands last may go on after the window. It is looked at again, unless it is all that the window holds.
      const last = found.pop() ?? ''
      if (found.length === 0) {
        unfinished += last
        continue
      }
      start -= last.length
    }
    found[0] = unfinished + (found[0] ?? '')
    unfinished = ''
    for (const piece of found) pieces.push(piece)
  }
  return pieces
}

/** sentencex knows abbreviations; should it fail or lose a character, the runtime's own splitter does neither. */
function segmentedWindow(text: string, language: string): string[] {
  try {
    const pieces = segment(language, text)
    if (pieces.join('') === text) return pieces
  } catch {
    // Falls through to the splitter below.
  }
  return Array.from(new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text), (piece) => piece.segment)
}

/** Ends of the pieces, after space that begins a piece has gone to the one before it. */
function movedSpace(pieces: readonly string[]): { end: number; piece: string }[] {
  const moved: { end: number; piece: string }[] = []
  let end = 0
  for (const piece of pieces) {
    const spaces = piece.length - piece.trimStart().length
    const last = moved.at(-1)
    if (last) {
      last.end += spaces
      last.piece += piece.slice(0, spaces)
    }
    end += piece.length
    if (!last || spaces < piece.length) moved.push({ end, piece: last ? piece.slice(spaces) : piece })
  }
  return moved
}

/** A capital and a point at the end ("M. Dupont", "J. Smith") are an initial more often than the end of a sentence. */
function joinInitials(pieces: readonly { end: number; piece: string }[]): number[] {
  return pieces
    .filter(({ piece }, index) => index === pieces.length - 1 || !/(?:^|[\s(])\p{Lu}\.\s*$/u.test(piece))
    .map(({ end }) => end)
}

function joinWordless(ends: readonly number[], text: string): string[] {
  const pieces: string[] = []
  let start = 0
  let last = { text: '', words: false }
  for (const end of ends) {
    const piece = text.slice(start, end)
    const words = hasWords(piece)
    if (pieces.length > 0 && !(last.words && words) && last.text.length + piece.length <= longestPieceChars) {
      last = { text: last.text + piece, words: last.words || words }
      pieces[pieces.length - 1] = last.text
    } else {
      last = { text: piece, words }
      pieces.push(piece)
    }
    start = end
  }
  return pieces
}
