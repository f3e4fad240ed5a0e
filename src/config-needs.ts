/** What a command cannot do without, beside what has a default. A simulated network needs no public address. */
export type Need = 'serve' | 'dial' | 'simulate'

/** What commands need that speak into files or look after voices: of the settings only those about speech count. */
export type SpeechNeed = 'voices' | 'say'

/** Whether a setting counts for a command: one of Twilio's that is wrong is no business of who only speaks. */
export function concerns(need: Need | SpeechNeed, setting: string): boolean {
  if (need === 'voices') return setting.startsWith('ASYNC_')
  return need !== 'say' || /^(ASYNC|DEEPGRAM|SPEECH)_|^MAX_MESSAGE_CHARS$/.test(setting)
}

const fluxLanguages = ['en', 'es', 'fr', 'de', 'hi', 'ru', 'pt', 'ja', 'it', 'nl']

/** What of the given settings does not go together. The models of Flux hear some languages only (Deepgram docs, 2026). */
export function clashesIn(given: Readonly<Record<string, string>>): string[] {
  const { HEARING_PROVIDER: by = 'deepgram', HEARING_MODEL: model } = given
  const language = (given['HEARING_LANGUAGE'] ?? given['ASYNC_LANGUAGE'])?.split('-')[0]
  if (by !== 'deepgram' || language === undefined) return []
  if (model === 'flux-general-en' && language !== 'en')
    return [
      'HEARING_MODEL: flux-general-en hears English. For another HEARING_LANGUAGE (or ASYNC_LANGUAGE, where that is not set) choose flux-general-multi or nova-3',
    ]
  if (model === 'flux-general-multi' && language !== 'multi' && !fluxLanguages.includes(language))
    return [
      `HEARING_LANGUAGE: with flux-general-multi expected ${fluxLanguages.join(', ')}, or multi; for another (also as ASYNC_LANGUAGE) choose nova-3 as HEARING_MODEL`,
    ]
  return []
}

/** What of the given settings is missing for the command, each with where it is found. */
export function missingFor(need: Need | SpeechNeed, given: Readonly<Record<string, string>>): string[] {
  const problems: string[] = []
  const require = (name: string, where: string) => {
    if (!given[name]) problems.push(`${name}: missing. ${where}`)
  }
  if (need === 'voices') require('ASYNC_API_KEY', 'Make one at async.com/developer.')
  if (need === 'voices' || need === 'say') return problems
  require('TWILIO_ACCOUNT_SID', 'It stands on the first page of the Twilio Console.')
  require('TWILIO_AUTH_TOKEN', 'It stands on the first page of the Twilio Console, below the account SID.')
  if (need === 'dial') require('TWILIO_FROM_NUMBER', 'A number you own at Twilio, as +15551234567.')
  const speaks = new Set((given['SPEECH_PROVIDERS'] ?? 'async').split(',').map((entry) => entry.trim().split('@')[0]))
  if (speaks.has('async') || speaks.has('async-http'))
    require('ASYNC_API_KEY', 'Make one at async.com/developer, or leave async out of SPEECH_PROVIDERS.')
  else if (given['HEARING_PROVIDER'] === 'async')
    require('ASYNC_API_KEY', 'Make one at async.com/developer, or set HEARING_PROVIDER=none.')
  if (speaks.has('deepgram'))
    require('DEEPGRAM_API_KEY', 'Make one at console.deepgram.com, or leave deepgram out of SPEECH_PROVIDERS.')
  else if (given['HEARING_PROVIDER'] === 'deepgram')
    require('DEEPGRAM_API_KEY', 'Make one at console.deepgram.com, or set HEARING_PROVIDER=none.')
  if (need !== 'simulate' && !given['PUBLIC_URL'])
    require('NGROK_AUTHTOKEN', 'From dashboard.ngrok.com; or set PUBLIC_URL to your own address.')
  if (need === 'serve' && given['CONFIGURE_NUMBER'] === 'on')
    require('TWILIO_FROM_NUMBER', 'With CONFIGURE_NUMBER=on, the number whose webhook is set.')
  for (const [one, other] of [
    ['TWILIO_API_KEY', 'TWILIO_API_SECRET'],
    ['TWILIO_REGION', 'TWILIO_EDGE'],
  ] as const) {
    if (given[one] && !given[other]) problems.push(`${other}: missing. ${one} works only together with it.`)
    if (given[other] && !given[one]) problems.push(`${one}: missing. ${other} works only together with it.`)
  }
  return problems
}
