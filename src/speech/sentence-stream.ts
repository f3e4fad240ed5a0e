import { hasWords, parseMarkup } from './markup.ts'
import { longestPieceChars, splitSentences } from './sentences.ts'

/**
 * Takes a text apart into sentences while it is being written. Pure: who calls it knows the time.
 *
 * All that comes out, joined, is the text that went in, to the character. Without a pause the sentences are those of
 * `splitSentences`, except that
 * - a quotation or bracket that is not closed within a piece's length (440) is not waited for;
 * - a quotation mark between two sentence marks (`"Stop."... Then`) counts only once it has come;
 * - a tag that is not closed within that length is text.
 */
export interface SentenceStream {
  /** Adds what was written. Returns the sentences that nothing still to come can change. */
  push(text: string): string[]
  /**
   * What was written since the last sentence, as far as it surely belongs to the next: whole words, no half tags. The
   * sentence that comes out later begins behind it, and may be empty. Nothing for scripts without spaces.
   */
  words(): string
  /**
   * The writer pauses: the sentences that look finished.
   *
   * @param half the last one too if it does not, but for half a tag
   */
  pause(half: boolean): string[]
  /** The text is over: all that is left, as sentences. */
  flush(): string[]
}

/** How much is looked at, whatever comes: beyond it the first piece goes, finished or not. */
const windowChars = 3 * longestPieceChars
/** How much is added at a time: the splitter's cost grows with what it is shown. */
const stepChars = longestPieceChars
/** The splitter looks that far behind a sentence mark (sentencex 1.0.17, `get_next_word_approx`). */
const lookaheadBytes = 30

const mayEnd = /[\p{Sentence_Terminal}…‥;·\n\r]/u
const wholeWord = /^[^\p{L}\p{N}]*[\p{L}\p{N}]\S*\s/u
const unspaced =
  /^[\p{Script=Hani}\p{Script=Hira}\p{Script=Kana}\p{Script=Thai}\p{Script=Laoo}\p{Script=Khmr}\p{Script=Mymr}]/u
/** Closes whatever is open. */
const closers = ' x"\'`’”»“«‚‛‟›》」』)）]}>'

/** @param language ISO 639, as for `splitSentences` */
export function createSentenceStream(language?: string): SentenceStream {
  let window = ''
  /** So much of the window went out as words. */
  let given = 0

  function take(end: number): string {
    const piece = window.slice(given, Math.max(given, end))
    window = window.slice(Math.max(given, end))
    given = 0
    return piece
  }

  function surePieces(): string[] {
    const pieces: string[] = []
    for (let end = sureEnd(window, language); end !== undefined; end = sureEnd(window, language)) pieces.push(take(end))
    return pieces
  }

  function takeAll(pieces: readonly string[]): string[] {
    const taken: string[] = []
    let end = 0
    for (const piece of pieces) {
      end += piece.length
      // Words that went out may reach into the next piece: a long sentence is cut where its clause ended.
      if (end < given) continue
      taken.push(take(end))
      end = 0
    }
    return taken
  }

  return {
    push(text) {
      const pieces: string[] = []
      for (let at = 0; at < text.length; at += stepChars) {
        window += text.slice(at, at + stepChars)
        pieces.push(...surePieces())
      }
      return pieces
    },
    words() {
      const [first = ''] = splitSentences(window, language)
      const end = endOfWords(window.slice(0, Math.min(first.length, unfinishedAt(window))))
      if (end <= given || !hasWords(window.slice(0, end))) return ''
      const words = window.slice(given, end)
      given = end
      return words
    },
    pause(half) {
      const ready = window.slice(0, unfinishedAt(window))
      const pieces = splitSentences(ready, language)
      if (!half && !looksFinished(pieces.at(-1) ?? '', language)) pieces.pop()
      return hasWords(pieces.join('')) ? takeAll(pieces) : []
    },
    flush() {
      const pieces = takeAll(splitSentences(window, language))
      if (given > 0) pieces.push(take(window.length))
      return pieces
    },
  }
}

/** Where the first sentence ends, when nothing that may follow the window changes it. */
function sureEnd(window: string, language: string | undefined): number | undefined {
  if (window.length <= longestPieceChars && !mayEnd.test(window)) return undefined
  const [first = ''] = splitSentences(window, language)
  if (window.length > windowChars) return first.length
  const whole = unfinishedAt(window)
  // Nothing follows a sentence that ends inside what is not wholly there.
  if (!settles(window.slice(first.length, whole))) return undefined
  if (window.length > longestPieceChars) return first.length
  const [closed = ''] = splitSentences(window.slice(0, whole) + closers, language)
  return closed.length === first.length ? first.length : undefined
}

/** Where the last whole word, or pause, ends together with the space behind it; never inside a tag. */
function endOfWords(text: string): number {
  let at = 0
  let end = 0
  for (const part of parseMarkup(text)) {
    const space = part.kind === 'text' ? /^.*\s/su.exec(part.text) : null
    if (space) end = at + space[0].length
    at += part.source.length
    if (part.kind === 'break') end = at
  }
  return end
}

/** Whether a sentence could end here; a point behind a digit may be part of a number. */
function looksFinished(piece: string, language: string | undefined): boolean {
  if (/\d\.$/.test(piece)) return false
  const [sentence = '', next] = splitSentences(`${piece}${/\s$/.test(piece) ? '' : ' '}Xq x`, language)
  return next !== undefined && sentence.trimEnd() === piece.trimEnd()
}

/** Whether what follows a sentence mark is enough to say that the sentence ended there. */
function settles(rest: string): boolean {
  return hasWords(rest) && (wholeWord.test(rest) || unspaced.test(rest) || Buffer.byteLength(rest) >= lookaheadBytes)
}

const tagNames = ['break', 'digits', 'phonemes']
const halfTag = /<(?:(?<name>[a-z]*)|break\s[^<>]*|(?:digits|phonemes)>[^<>]*(?:<(?:\/[a-z]*)?)?)$/

/** Where a tag or a character begins that is not wholly there yet; the end of the text where there is none. */
function unfinishedAt(text: string): number {
  const tail = Math.max(0, text.length - longestPieceChars)
  const half = halfTag.exec(text.slice(tail))
  if (half && tagNames.some((tag) => tag.startsWith(half.groups?.['name'] ?? ''))) return tail + half.index
  return /[\ud800-\udbff]$/.test(text) ? text.length - 1 : text.length
}
