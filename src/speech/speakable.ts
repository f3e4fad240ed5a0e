import { BridgeError } from '../errors.ts'
import { hasWords } from './markup.ts'
import type { SpeechCapabilities, VoiceChoice } from './provider.ts'
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
  return new BridgeError('voice.invalid', 'Expected the id of a voice of the speech provider (for Async a UUID).')
}

/**
 * Why a session cannot speak like this; undefined when it can, as far as is known without asking the service. A model
 * that is chosen along may speak other languages than the one that the capabilities tell of.
 */
export function whyNotChoice(choice: VoiceChoice, capabilities: SpeechCapabilities): BridgeError | undefined {
  const { voice, model, language, speed } = choice
  const problem = voice === undefined ? undefined : whyNotVoice(voice, capabilities)
  if (problem) return problem
  if (model !== undefined && !capabilities.voiceIds)
    return new BridgeError('voice.invalid', 'The speech provider has one voice model only. Leave the model out.')
  if (speed !== undefined && speed !== 1) {
    const { min, max } = capabilities.speeds ?? { min: 1, max: 1 }
    const expected = capabilities.speeds
      ? `Expected a speed from ${min} to ${max}`
      : 'The speech provider has one speed only'
    if (!(speed >= min && speed <= max))
      return new BridgeError('voice.invalid', `${expected}; ${speed} came. Leave the speed out.`, {
        details: { speed },
      })
  }
  const foreign =
    language === undefined || model !== undefined ? undefined : unspeakable('', capabilities.languages, language)
  return foreign && new BridgeError('voice.invalid', foreign.message, { details: foreign.details })
}
