import { parseMarkup } from '../markup.ts'
import { splitSentences } from '../sentences.ts'
import { espeakPhonemes } from './ipa.ts'

/** What the offline voice does for a text, one after the other. */
export type Step =
  | { readonly kind: 'say'; readonly ssml: string }
  | { readonly kind: 'silence'; readonly silenceMs: number }

/** The pause the engine itself makes between two sentences of one text; it makes none after the last. */
const sentencePauseMs = 290
const longestStepChars = 800

/**
 * A text with markup as steps of a sentence or less. A break is silence of its length, digits are said one by one,
 * phonemes in the engine's notation; a sentence is followed by a pause unless a break stands there.
 */
export function stepsOf(text: string, language: string): Step[] {
  return splitSentences(text, language).flatMap(sentenceSteps)
}

function sentenceSteps(sentence: string): Step[] {
  const steps: Step[] = []
  let words = ''
  const sayWords = () => {
    if (/[\p{L}\p{N}\p{S}]/u.test(words))
      for (const [ssml] of words.matchAll(longStep)) steps.push({ kind: 'say', ssml: ssml.trim() })
    words = ''
  }
  for (const part of parseMarkup(sentence)) {
    if (part.kind === 'break') {
      sayWords()
      steps.push({ kind: 'silence', silenceMs: part.pauseMs })
    } else if (part.kind === 'digits') words += ` ${escaped(oneByOne(part.text))} `
    else if (part.kind === 'phonemes') words += ` [[${espeakPhonemes(part.ipa)}]]`
    else words += escaped(part.text)
  }
  const ended = sentenceEnd.test(words)
  sayWords()
  if (ended && steps.at(-1)?.kind === 'say') steps.push({ kind: 'silence', silenceMs: sentencePauseMs })
  return steps
}

const sentenceEnd = /[.!?…。！？।؟։]["'”’»」』）)\]\s]*$/u
/** Only a long element makes a sentence longer than one step; it is cut at a space, so that no job is endless. */
const longStep = new RegExp(`[^]{1,${longestStepChars}}(?=\\s|$)|[^]{1,${longestStepChars}}`, 'gu')

/** "(123) 456" as "1 2 3, 4 5 6": the engine makes a short pause of the comma. */
function oneByOne(digits: string): string {
  return digits
    .replaceAll(/[\s().-]+/g, ', ')
    .replaceAll(/^, |, $/g, '')
    .replaceAll(/\p{Nd}(?=\p{Nd})/gu, '$& ')
}

/**
 * Text as the engine reads it to the end: it takes SSML and its own `[[phonemes]]`, stops at a NUL and at half a
 * surrogate pair, and does not know accents that stand apart from their letter.
 */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\uFFFD]+/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/\[(?=\[)/g, '[ ')
}
