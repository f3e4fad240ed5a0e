import { BridgeError } from '../errors.ts'
import { hasWords } from './markup.ts'
import type { SpeechCapabilities } from './provider.ts'
import { unspeakable } from './scripts.ts'

/**
 * Why a text cannot be spoken, before a phone rings for it; undefined when it can.
 * The error never repeats the text: it is private.
 */
export function whyNotSpeakable(
  text: string,
  voice: {
    readonly capabilities: SpeechCapabilities
    readonly language?: string | undefined
    readonly maxChars: number
  },
): BridgeError | undefined {
  if (!hasWords(text)) {
    const what = text.trim() === '' ? 'an empty one' : 'one without any'
    return new BridgeError('text.empty', `Expected a text with words or digits to say; ${what} came.`)
  }
  if (text.length > voice.maxChars) {
    return new BridgeError(
      'text.too-long',
      `Expected at most ${voice.maxChars} characters (about ${Math.round(voice.maxChars / 900)} minutes of speech); ` +
        `${text.length} came. Shorten the text, or raise MAX_MESSAGE_CHARS.`,
      { details: { maxChars: voice.maxChars, chars: text.length } },
    )
  }
  return unspeakable(text, voice.capabilities.languages, voice.language)
}

/** Why a session cannot have this voice; undefined when it can. Whether the voice exists only the service knows. */
export function whyNotVoice(voice: string, capabilities: SpeechCapabilities): BridgeError | undefined {
  if (!capabilities.voiceIds)
    return new BridgeError('voice.invalid', 'The speech provider has one voice only. Leave the voice out.')
  if (capabilities.voiceIds.test(voice)) return undefined
  return new BridgeError(
    'voice.invalid',
    'Expected the id of a voice of the speech provider: for Async a UUID, for Deepgram a name such as aura-2-thalia-en.',
  )
}
