/** IPA signs and the engine's own names for them (eSpeak NG, docs/phonemes.md), of the sounds of English. */
const mnemonics = new Map<string, string>([
  ...[
    'p',
    'b',
    't',
    'd',
    'k',
    'g',
    'm',
    'n',
    'f',
    'v',
    's',
    'z',
    'h',
    'l',
    'r',
    'w',
    'j',
    'i',
    'e',
    'a',
    'o',
    'u',
    ' ',
  ].map((sign): [string, string] => [sign, sign]),
  ['ɡ', 'g'],
  ['ŋ', 'N'],
  ['θ', 'T'],
  ['ð', 'D'],
  ['ʃ', 'S'],
  ['ʒ', 'Z'],
  ['ɹ', 'r'],
  ['ɾ', 't'],
  ['ɫ', 'l'],
  ['ɪ', 'I'],
  ['ɛ', 'E'],
  ['æ', 'a'],
  ['ɑ', 'A:'],
  ['ɒ', '0'],
  ['ɔ', 'O'],
  ['ʊ', 'U'],
  ['ʌ', 'V'],
  ['ə', '@'],
  ['ɚ', '3'],
  ['ɝ', '3:'],
  ['ɜ', '3:'],
  ['iː', 'i:'],
  ['ɑː', 'A:'],
  ['ɔː', 'O:'],
  ['uː', 'u:'],
  ['ɜː', '3:'],
  ['əʊ', 'oU'],
  ['ˈ', "'"],
  ['ˌ', ','],
])

const longestSigns = 200

/**
 * IPA in the engine's notation, for a `[[…]]` in a text. Signs it has no sound for, syllable dots among them, are
 * dropped, and so is what follows the first 200 signs.
 */
export function espeakPhonemes(ipa: string): string {
  const signs = ipa.normalize('NFC').slice(0, longestSigns)
  let phonemes = ''
  for (let at = 0; at < signs.length; ) {
    const pair = mnemonics.get(signs.slice(at, at + 2))
    phonemes += pair ?? mnemonics.get(signs.charAt(at)) ?? ''
    at += pair === undefined ? 1 : 2
  }
  return phonemes.trim()
}
