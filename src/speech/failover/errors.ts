import { BridgeError } from '../../errors.ts'

/** What makes a provider be left, where it has not said so itself. */
export function silent(facts: { audioMs: number; silentMs: number }): BridgeError {
  const audioMs = Math.round(facts.audioMs)
  const silentMs = Math.round(facts.silentMs)
  const what = audioMs === 0 ? 'sent no audio for the text' : 'went silent inside a sentence'
  return new BridgeError('speech.stalled', `The speech service ${what}; nothing came for ${silentMs} ms.`, {
    details: { audioMs, silentMs },
  })
}

export function noAudio(): BridgeError {
  return new BridgeError('speech.stalled', 'The speech service ended the utterance without any audio for its text.')
}

export function closedMidway(): BridgeError {
  return new BridgeError('speech.lost', 'The speech session was closed mid-utterance.')
}

export function wrongLanguage(): BridgeError {
  return new BridgeError('speech.refused', 'The speech provider does not speak the language of the call.')
}

export function nobodyLeft(): BridgeError {
  return new BridgeError('speech.unavailable', 'No speech provider is left to try.')
}
