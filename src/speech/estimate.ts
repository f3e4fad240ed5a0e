import { parseMarkup } from './markup.ts'

/** Milliseconds that one character takes to say, at the pace of a telephone announcement. */
const characterMs = 65
/** "2026" has four characters, but "twenty twenty-six" is said. */
const digitMs = 250
const singleDigitMs = 400
const syllableMs = 200
const kanaMs = 130
/** A Chinese sign is one syllable in Chinese, two in Japanese. */
const kanjiMs = 270
/** Arabic and Hebrew leave most vowels unwritten. */
const consonantMs = 95
const sentencePauseMs = 300
const clausePauseMs = 150

const weights: readonly [characters: RegExp, ms: number][] = [
  [/\p{Nd}/u, digitMs],
  [/[\p{Script=Hira}\p{Script=Kana}]/u, kanaMs],
  [/[\p{Script=Hani}\p{Script=Hang}]/u, syllableMs],
  [/[\p{Script=Arab}\p{Script=Hebr}]/u, consonantMs],
  [/[.!?…。！？।؟]/u, sentencePauseMs],
  [/[,;:、，；：،]/u, clausePauseMs],
  [/[\p{L}\s]/u, characterMs],
]

/**
 * Roughly how long a text takes to say, in milliseconds: an estimate from its characters, right within a third for
 * plain prose, and no more. Breaks are added, tags are not read. For limits and progress, never to end a call.
 *
 * @param language ISO 639; only Japanese makes a difference
 */
export function estimateMs(text: string, language?: string): number {
  const hanMs = /^ja\b/i.test(language ?? '') ? kanjiMs : syllableMs
  let ms = 0
  for (const part of parseMarkup(text)) {
    if (part.kind === 'break') ms += part.pauseMs
    else if (part.kind === 'phonemes') ms += part.ipa.length * characterMs
    else if (part.kind === 'digits') ms += (part.text.match(/\d/g)?.length ?? 0) * singleDigitMs
    else ms += proseMs(part.text, hanMs)
  }
  return Math.round(ms)
}

function proseMs(text: string, hanMs: number): number {
  // A run of spaces or dots is one pause, and a point inside a number none.
  const spoken = text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/([.!?…,;:-])\1+/g, '$1')
    .replaceAll(/(?<=\d)[.,:](?=\d)/g, '')
  let ms = 0
  for (const character of spoken) {
    const weight = /\p{Script=Hani}/u.test(character) ? hanMs : weights.find(([kind]) => kind.test(character))?.[1]
    ms += weight ?? 0
  }
  return ms
}
