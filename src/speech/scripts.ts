import { BridgeError } from '../errors.ts'
import { parseMarkup } from './markup.ts'

/** Scripts (ISO 15924) that are looked for in a text. A letter of any other counts as none a model can speak. */
const scripts = (
  'Latn Cyrl Grek Arab Hebr Armn Geor Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Thai Laoo Khmr Mymr Tibt ' +
  'Ethi Hang Hira Kana Han Mong Cher Cans Thaa Syrc'
)
  .split(' ')
  .map((code) => ({ code, letters: new RegExp(`(?=\\p{L})\\p{Script=${code === 'Han' ? 'Hani' : code}}`, 'gu') }))

/** Scripts of languages that are written in several at once, by the name that a locale gives their mixture. */
const mixtures: Readonly<Record<string, readonly string[]>> = {
  Jpan: ['Hira', 'Kana', 'Han'],
  Kore: ['Hang', 'Han'],
  Hans: ['Han'],
  Hant: ['Han'],
}
/** Languages in daily use in a second script. */
const secondScripts: Readonly<Record<string, readonly string[]>> = {
  sr: ['Latn'],
  uz: ['Cyrl'],
  az: ['Cyrl'],
  kk: ['Latn', 'Arab'],
  mn: ['Mong'],
  pa: ['Arab'],
  bs: ['Cyrl'],
  ku: ['Arab'],
}

/**
 * Why a model of these languages cannot speak a text, or `undefined` where it can: `text.unspeakable`.
 *
 * The rule: when more than half of the text's letters belong to scripts in which none of the model's languages is
 * written, the text is unspeakable. Some foreign letters, digits, signs and phonemes are always allowed. A `language`
 * that is asked for must be one of the model's; its region does not matter.
 *
 * @param languages of the model, ISO 639-1; `undefined` where they are not known, and then nothing is refused
 */
export function unspeakable(
  text: string,
  languages: readonly string[] | undefined,
  language?: string,
): BridgeError | undefined {
  if (!languages || languages.length === 0) return undefined
  if (language !== undefined && !languages.some((known) => primaryLanguage(known) === primaryLanguage(language))) {
    const asked = language.slice(0, 20)
    return new BridgeError(
      'text.unspeakable',
      `The language ${JSON.stringify(asked)} is not one of the voice model's: ${languages.join(', ')}. ` +
        'Choose one of these, or another model.',
      { details: { language: asked, languages: languages.join(' ') } },
    )
  }
  const written = new Set<string>()
  for (const known of languages) {
    const own = scriptsOf(known)
    // A language nobody knows the script of may be written in any.
    if (!own) return undefined
    for (const script of own) written.add(script)
  }
  const { letters, counts } = countLetters(text)
  const spoken = [...counts].reduce((sum, [script, count]) => sum + (written.has(script) ? count : 0), 0)
  if (letters === 0 || spoken * 2 >= letters) return undefined
  const [foreign] = [...counts].filter(([script]) => !written.has(script)).sort((a, b) => b[1] - a[1])
  const script = foreign ? scriptName(foreign[0]) : 'an unknown script'
  return new BridgeError(
    'text.unspeakable',
    `Most of the text is written in ${script}, which the voice model cannot read; it speaks ${languages.join(', ')}. ` +
      'Choose a model that speaks the language of the text.',
    { details: { script, languages: languages.join(' ') } },
  )
}

function countLetters(text: string): { letters: number; counts: Map<string, number> } {
  const plain = parseMarkup(text)
    .map((part) => (part.kind === 'text' ? part.text : ''))
    .join('')
  const counts = new Map<string, number>()
  for (const { code, letters } of scripts) {
    const count = plain.match(letters)?.length ?? 0
    if (count > 0) counts.set(code, count)
  }
  return { letters: plain.match(/\p{L}/gu)?.length ?? 0, counts }
}

function scriptsOf(language: string): readonly string[] | undefined {
  const locale = localeOf(language)
  const script = locale?.maximize().script
  if (!locale || script === undefined) return undefined
  return [...(mixtures[script] ?? [script]), ...(secondScripts[locale.language] ?? [])]
}

/** `en` of `en-GB`, `zh` of `cmn`; the language itself where it is no language code. */
function primaryLanguage(language: string): string {
  return localeOf(language)?.language ?? language
}

function localeOf(language: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(language.replaceAll('_', '-'))
  } catch {
    return undefined
  }
}

function scriptName(code: string): string {
  return new Intl.DisplayNames(['en'], { type: 'script' }).of(code === 'Han' ? 'Hani' : code) ?? code
}
