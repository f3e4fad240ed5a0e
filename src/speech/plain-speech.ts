import { escapeText, type MarkupPart, parseMarkup } from './markup.ts'

/**
 * Markup for voices that understand none: each tag is translated or dropped, and none is ever read aloud.
 *
 *   <break>     a comma, where no punctuation stands already: the only pause that every voice makes
 *   <digits>    one by one, a comma between groups: "(123) 456" is "1 2 3, 4 5 6"
 *   <phonemes>  nothing: IPA cannot be spoken, and reading its signs aloud says something else
 *   < and >     are taken out, the words beside them stay; of half a tag its name is taken out too
 */
export function plainSpeech(text: string): string {
  const plain = createPlainSpeech()
  return plain.push(text) + plain.end()
}

/** The same for a text that comes in parts: nothing is given out before it is known to be no tag. */
export interface PlainSpeech {
  /** What can be spoken now. White space at the end is held back until something follows. */
  push(text: string): string
  /** The rest. */
  end(): string
}

/** A tag that is longer than this is not waited for. */
const longestTagChars = 500
const punctuation = /[.,;:!?…、。，！？；：]/u

export function createPlainSpeech(): PlainSpeech {
  let held = ''
  let spaces = ''
  let pausing = false
  let last = ''

  function speak(words: string): string {
    const text = spaces + words
    const bare = text.trimEnd()
    spaces = text.slice(bare.length)
    if (bare === '') return ''
    const out = pausing ? pauseBefore(bare) : bare
    pausing = false
    last = bare.slice(-1)
    return out
  }

  /** A comma keeps to the word before it, and stands beside no other punctuation. */
  function pauseBefore(text: string): string {
    const words = text.trimStart()
    if (last === '' || punctuation.test(words.charAt(0))) return words
    return `${punctuation.test(last) ? '' : ','} ${words}`
  }

  function translate(part: MarkupPart): string {
    if (part.kind === 'text') return speak(escapeText(part.text.replaceAll(halfTag, '')))
    if (part.kind === 'digits') return speak(separated(part.text))
    if (part.kind === 'break') pausing = true
    return ''
  }

  return {
    push(text) {
      const whole = held + text
      const from = whole.length - unfinishedTag(whole).length
      held = whole.slice(from)
      return parseMarkup(whole.slice(0, from)).map(translate).join('')
    },
    end() {
      const rest = isTagBegun(held) || held.startsWith('<phonemes>') ? '' : held
      held = ''
      return parseMarkup(rest).map(translate).join('')
    },
  }
}

/** What is left of one of the three tags where it is not whole. */
const halfTag = /<\/?(?:break|digits|phonemes)\b(?:\s*time\s*=\s*['"]?[\w.]*['"]?)?\s*\/?>?/g

/** The end of the text that may still become a tag; empty where there is none. */
function unfinishedTag(text: string): string {
  for (
    let at = text.indexOf('<', Math.max(0, text.length - longestTagChars));
    at >= 0;
    at = text.indexOf('<', at + 1)
  ) {
    const rest = text.slice(at)
    if (openTags.some((tag) => tag.test(rest)) || isTagBegun(rest)) return rest
  }
  return ''
}

const openTags = [/^<break\s[^<>]*$/, /^<(?:digits|phonemes)>[^<>]*$/, /^<(digits|phonemes)>[^<>]*<\/?[a-z]*$/]
const tags = ['<break ', '<digits>', '<phonemes>', '</digits>', '</phonemes>']

/** Whether it is the first part of a tag's name and nothing else. */
function isTagBegun(text: string): boolean {
  return text.startsWith('<') && tags.some((tag) => tag.startsWith(text) && tag !== text)
}

/** `(123) 456-7890` as `1 2 3, 4 5 6, 7 8 9 0`. Letters among the digits are said one by one too. */
function separated(text: string): string {
  return text
    .split(/[^\p{L}\p{N}]+/u)
    .filter((group) => group !== '')
    .map((group) => Array.from(group).join(' '))
    .join(', ')
}
