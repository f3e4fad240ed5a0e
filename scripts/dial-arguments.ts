import { phoneNumber } from '../src/call/phone-number.ts'
import { aliasNames, settingNames } from '../src/config.ts'
import { noSetting, settingOf } from '../src/environment.ts'
import { BridgeError } from '../src/errors.ts'
import { readWords } from './read-words.ts'

export const dialHelp = `Speak a text into a phone call.

  npm run dial -- [NUMBER] TEXT [options] [NAME=value …]
  npm run dial -- [NUMBER] --flow FLOW [options] [NAME=value …]
  npm run dial -- --to NUMBER --to NUMBER … TEXT [options] [NAME=value …]

  NUMBER            whom to call, as +15551234567 (default: OUTBOUND_NUMBER)
  TEXT              what to say; - reads it from standard input; one that begins with - stands last, behind one more --
  --flow FLOW       conducts the call: a flow that ships, by its name, or a file such as ./my-flow.ts (docs/flows.md)
  --to NUMBER       calls down a list, one after another, until somebody acknowledges with a key; repeated for each
                    number; conducted by the flow alert unless --flow names another (docs/dial.md)
  --rounds N        how often the list is gone through, 1 to 10 (default: 1)
  --parameter N=V   something the flow is given along, such as name=Ada; may be repeated
  --from NUMBER     the Twilio number to call from (default: TWILIO_FROM_NUMBER)
  --voice ID        voice (ASYNC_VOICE_ID)
  --model ID        voice model (ASYNC_MODEL_ID)
  --language CODE   language of the text, such as en (ASYNC_LANGUAGE)
  --no-cache        render every sentence anew, and keep none (SPEECH_CACHE=off)
  --voicemail TEXT  what a mailbox is told instead, after its beep; turns on detection, which Twilio bills
  --timeout SECONDS how long the phone may ring, 1 to 600 (RING_TIMEOUT_MS)
  --save FILE.wav   keep the audio that was sent and confirmed as heard
  --json            print the outcome as one JSON object on standard output, all else on standard error
  --help            this text

  NAME=value sets any setting of .env for this run.

Examples
  npm run dial -- +15551234567 "Your order has shipped."
  echo "The build is green." | npm run dial -- +15551234567 -
  npm run dial -- +15551234567 "Guten Tag." --language de --timeout 20
  npm run dial -- --to +15557654321 --to +15557654322 "The cellar is under water." --rounds 2
  npm run dial -- "Hello." OUTBOUND_NUMBER=+15551234567 LOG_LEVEL=debug

Exit codes: 0 heard to the end, with --flow the flow returned, with --to somebody acknowledged; 1 the call ended otherwise, also when Twilio or Async
refused it; 2 wrong words or settings, nobody was dialled; after a hang-up 130 Ctrl-C, 143 SIGTERM, 129 the terminal
closed or npm was ended.
`

export interface DialArguments {
  readonly help: boolean
  readonly json: boolean
  readonly save: string | undefined
  readonly voicemail: string | undefined
  /** E.164; undefined: the setting says whom. */
  readonly number: string | undefined
  /** Whom to call, one after another, until somebody acknowledges; empty: it is one call. As it was written. */
  readonly list: readonly string[]
  readonly rounds: number | undefined
  /** `-` stands for standard input. */
  readonly text: string | undefined
  readonly flow: string | undefined
  readonly parameters: Readonly<Record<string, string>>
  /** Settings for this run, under the name of the option or the NAME they were written as. */
  readonly settings: Readonly<Record<string, string>>
}

/** @throws BridgeError `usage.invalid` or `number.invalid` */
export function readDialArguments(words: readonly string[]): DialArguments {
  const { values, positionals } = readWords(words, {
    allowPositionals: true,
    options: {
      flow: { type: 'string' },
      to: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      parameter: { type: 'string', multiple: true },
      from: { type: 'string' },
      voice: { type: 'string' },
      model: { type: 'string' },
      language: { type: 'string' },
      'no-cache': { type: 'boolean' },
      timeout: { type: 'string' },
      voicemail: { type: 'string' },
      save: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const settings: Record<string, string> = {}
  const rest = positionals.filter((word) => {
    const setting = settingOf(word)
    if (!setting || !(settingNames.includes(setting.name) || aliasNames.includes(setting.name))) return true
    settings[setting.name] = setting.value
    return false
  })
  const options = {
    '--from': values.from,
    '--voice': values.voice,
    '--model': values.model,
    '--language': values.language,
    '--timeout': values.timeout === undefined ? undefined : String(milliseconds(values.timeout)),
  }
  for (const [name, value] of Object.entries(options)) if (value !== undefined) settings[name] = value
  if (values['no-cache']) settings['SPEECH_CACHE'] = 'off'
  const list = values.to ?? []
  const { number, text } = list.length > 0 ? textForList(rest) : numberAndText(rest, values.flow !== undefined)
  if (list.length > 0 && values.save !== undefined)
    throw new BridgeError('usage.invalid', '--save keeps one call; with --to there are several.')
  if (list.length === 0 && values.rounds !== undefined)
    throw new BridgeError('usage.invalid', '--rounds: expected a list to go through, as in --to NUMBER --to NUMBER.')
  return {
    help: values.help ?? false,
    json: values.json ?? false,
    save: values.save,
    voicemail: values.voicemail,
    number,
    list,
    rounds: values.rounds === undefined ? undefined : roundsOf(values.rounds),
    text,
    flow: values.flow,
    parameters: parametersOf(values.parameter ?? []),
    settings,
  }
}

function numberAndText(words: readonly string[], flow: boolean): Pick<DialArguments, 'number' | 'text'> {
  const [first, second] = words
  if (words.length <= 1) {
    if (first !== undefined && flow && isLikeANumber(first))
      return { number: phoneNumber(first, 'the number to call'), text: undefined }
    if (first !== undefined && isLikeANumber(first))
      throw new BridgeError('usage.invalid', 'Expected a text behind the number; only a number came. See --help.')
    return { number: undefined, text: first }
  }
  // A word that looks like a setting may still be the text, which is the second of two.
  const stray = words.find((word, place) => settingOf(word) && (words.length > 2 || place === 0))
  if (stray !== undefined) throw noSetting(settingOf(stray)?.name ?? '')
  if (words.length > 2) {
    const problem = `Expected a number and a text; ${words.length} words came.`
    throw new BridgeError('usage.invalid', `${problem} Quote the text, and put -- before the first option.`)
  }
  return { number: phoneNumber(first ?? '', 'the number to call'), text: second }
}

function textForList(words: readonly string[]): Pick<DialArguments, 'number' | 'text'> {
  const [text, ...more] = words
  if (more.length === 0 && !(text !== undefined && isLikeANumber(text))) return { number: undefined, text }
  const problem = 'Expected one text beside --to, and every number behind a --to of its own'
  throw new BridgeError('usage.invalid', `${problem}; ${words.length} words came. Quote the text.`)
}

function roundsOf(text: string): number {
  if (/^([1-9]|10)$/.test(text)) return Number(text)
  throw new BridgeError('usage.invalid', `--rounds: expected 1 to 10; "${text}" came.`)
}

/** @throws BridgeError `usage.invalid` */
export function parametersOf(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(word) ?? []
      if (name !== undefined && value !== undefined) return [name, value]
      throw new BridgeError('usage.invalid', '--parameter: expected a name and a value, such as name=Ada.')
    }),
  )
}

/** Nothing but the digits of a phone number and what may stand between them. To have it said, name whom to call too. */
function isLikeANumber(word: string): boolean {
  return /^[+\d\s()./-]+$/.test(word) && word.replaceAll(/\D/g, '').length >= 7
}

function milliseconds(text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text)
  if (seconds >= 1 && seconds <= 600) return Math.round(seconds * 1000)
  throw new BridgeError('usage.invalid', `--timeout: expected 1 to 600 seconds, such as 20; "${text}" came.`)
}
