/** Scripts that put no space between words: a phrase in them may stand anywhere. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/**
 * The phrase that somebody said: the one that stands in the text as whole words, whatever else was said. Case, accents'
 * spelling and punctuation make no difference.
 *
 * @returns the phrase as it was given; undefined when none was said, or several were: better ask than guess. Of phrases
 *   that stand inside one another (`yes`, `yes please`) the longest counts.
 */
export function phraseIn(text: string, phrases: readonly string[]): string | undefined {
  const said = plain(text)
  const found = phrases.filter((phrase) => holds(said, plain(phrase)))
  const longest = found.reduce<string | undefined>(
    (best, phrase) => (best === undefined || plain(phrase).length > plain(best).length ? phrase : best),
    undefined,
  )
  if (longest === undefined) return undefined
  // What is left of the text without it must hold no other.
  const rest = without(said, plain(longest))
  return found.some((phrase) => holds(rest, plain(phrase)) && plain(phrase) !== plain(longest)) ? undefined : longest
}

function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim()
}

function holds(text: string, phrase: string): boolean {
  if (phrase === '') return false
  return unspaced.test(phrase) ? text.includes(phrase) : ` ${text} `.includes(` ${phrase} `)
}

function without(text: string, phrase: string): string {
  // A mark that is no word keeps what stood on both sides apart.
  if (unspaced.test(phrase)) return text.replaceAll(phrase, ' | ')
  // Twice: words between two neighbours share a space.
  return ` ${text} `.replaceAll(` ${phrase} `, ' | ').replaceAll(` ${phrase} `, ' | ')
}
