import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js'
import { BridgeError } from '../errors.ts'
import { isLoopback } from './stream-url.ts'

/** Characters of TwiML that a call may be created with (Twilio error 32018). What is longer is served by URL. */
export const inlineTwimlLimit = 4000

/** Name and value of a stream parameter must stay below this together (Twilio docs, `<Stream>`). */
const streamParameterLimit = 500

/**
 * TwiML that joins the call to our media websocket, and hangs up when the websocket has closed. With `actionUrl`
 * Twilio asks there instead what to do next, which is the last chance to say something with Twilio's own voice.
 *
 * @param options.parameters come back as `customParameters` of `start`; they are visible in Twilio's logs
 * @throws BridgeError for a stream URL that Twilio would not open, and for parameters it would not carry
 */
export function connectStream(options: {
  streamUrl: string
  parameters: Readonly<Record<string, string>>
  actionUrl?: string | undefined
  statusCallbackUrl?: string | undefined
}): string {
  checkStreamUrl(options.streamUrl)
  const response = new VoiceResponse()
  const connect = response.connect(options.actionUrl === undefined ? {} : { action: options.actionUrl })
  const stream = connect.stream({
    url: options.streamUrl,
    ...(options.statusCallbackUrl === undefined ? {} : { statusCallback: options.statusCallbackUrl }),
  })
  for (const [name, value] of Object.entries(options.parameters)) {
    checkParameter(name, value)
    stream.parameter({ name, value })
  }
  response.hangup()
  return response.toString()
}

/** TwiML that ends the call. */
export function hangUp(): string {
  const response = new VoiceResponse()
  response.hangup()
  return response.toString()
}

/**
 * TwiML that says `text` with Twilio's own voice and ends the call.
 * @param language such as `de-DE`, or `de`; one that Twilio does not know is left to Twilio's default
 */
export function sayAndHangUp(text: string, language?: string): string {
  const response = new VoiceResponse()
  addSay(response, text, language)
  response.hangup()
  return response.toString()
}

/**
 * TwiML that says `texts` with Twilio's own voice, one after the other, and then asks at `nextUrl` what to do: that
 * request is the proof that all of it was said.
 */
export function sayAndAsk(texts: readonly string[], nextUrl: string, language?: string): string {
  const response = new VoiceResponse()
  for (const text of texts) addSay(response, text, language)
  response.redirect(nextUrl)
  return response.toString()
}

/**
 * TwiML that lets another phone ring and connects it with the call. When it is over, or nobody answered, Twilio asks at
 * `actionUrl` what to do (Twilio docs, TwiML `<Dial>`).
 */
export function dialNumber(dial: { to: string; callerId: string; timeoutS: number; actionUrl: string }): string {
  const response = new VoiceResponse()
  const { callerId, timeoutS, actionUrl } = dial
  response.dial({ action: actionUrl, ...(callerId === '' ? {} : { callerId }), timeout: timeoutS }).number(dial.to)
  return response.toString()
}

/** TwiML that declines an inbound call without answering it, so that it costs nothing. */
export function rejectCall(reason: 'busy' | 'rejected' = 'rejected'): string {
  const response = new VoiceResponse()
  response.reject({ reason })
  return response.toString()
}

function addSay(response: VoiceResponse, text: string, language: string | undefined): void {
  const speakable = text.replace(notXml, ' ').trim()
  const spoken = sayLanguage(language)
  if (speakable !== '') response.addChild('Say', spoken === undefined ? {} : { language: spoken }).addText(speakable)
}

/** What XML 1.0 cannot carry: control characters, halves of surrogate pairs. The builder throws on them. */
const notXml = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu

/** `<Say>` wants a region; these are the ones it has for languages that are often named without. */
const regions: Readonly<Record<string, string>> = {
  ar: 'arb',
  da: 'da-DK',
  de: 'de-DE',
  en: 'en-US',
  es: 'es-ES',
  fr: 'fr-FR',
  he: 'he-IL',
  hi: 'hi-IN',
  it: 'it-IT',
  ja: 'ja-JP',
  ko: 'ko-KR',
  nl: 'nl-NL',
  pl: 'pl-PL',
  pt: 'pt-BR',
  ro: 'ro-RO',
  ru: 'ru-RU',
  sv: 'sv-SE',
  tr: 'tr-TR',
  uk: 'uk-UA',
  vi: 'vi-VN',
  zh: 'zh-CN',
}

function sayLanguage(language: string | undefined): string | undefined {
  if (language === undefined) return undefined
  if (Object.hasOwn(regions, language)) return regions[language]
  return /^[a-z]{2,3}-[A-Z]{2}(-[A-Z]{3})?$/.test(language) ? language : undefined
}

function checkStreamUrl(streamUrl: string): void {
  const url = URL.canParse(streamUrl) ? new URL(streamUrl) : undefined
  if (url === undefined) throw badUrl('must be an absolute URL (31923)')
  if (url.protocol !== 'wss:' && !(url.protocol === 'ws:' && isLoopback(url.hostname)))
    throw badUrl('must begin with wss:// (31922); ws:// is for an emulator on this machine')
  if (streamUrl.includes('?')) throw badUrl('must have no query string (31920); values go into parameters')
  if (streamUrl.includes('#')) throw badUrl('must have no fragment')
  if (url.username !== '' || url.password !== '') throw badUrl('must have no user name or password')
}

function badUrl(problem: string): BridgeError {
  return new BridgeError('config.invalid', `The media stream URL ${problem}.`)
}

function checkParameter(name: string, value: string): void {
  const length = name.length + value.length
  if (name === '') throw new BridgeError('internal', 'A stream parameter must have a name.')
  if (length >= streamParameterLimit)
    throw new BridgeError(
      'internal',
      `A stream parameter's name and value must stay below ${streamParameterLimit} characters together, got ${length}.`,
      { details: { length } },
    )
  if (name.search(notXml) >= 0 || value.search(notXml) >= 0)
    throw new BridgeError('internal', 'A stream parameter holds a character that XML cannot carry.')
}
