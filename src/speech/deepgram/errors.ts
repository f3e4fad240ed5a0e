import { BridgeError } from '../../errors.ts'
import { deepgramErrors, type Meaning } from '../../wire/deepgram-errors.ts'

/**
 * What goes wrong with Deepgram, as errors a person can act on. Only codes and numbers of Deepgram's answer are passed
 * on: its messages can quote what was sent. Deepgram docs, "Errors" and "Text-to-speech troubleshooting" (2025, 2026).
 */
const settings = 'Check DEEPGRAM_VOICE: it has to name one of its voices, such as aura-2-thalia-en'
const newer =
  'callbridge and the service do not agree on the protocol. Look for a newer callbridge; meanwhile leave deepgram out of SPEECH_PROVIDERS'

/** Codes of a refused handshake, in the header `dg-error` or in the body. */
const refusals: Readonly<Record<string, Meaning>> = {
  INVALID_QUERY_PARAMETER: {
    code: 'speech.refused',
    message: `Deepgram does not take the request. ${settings}`,
  },
  UNSUPPORTED_AUDIO_FORMAT: {
    code: 'speech.refused',
    message: 'Deepgram does not give mu-law at 8,000 Hz with this voice. Choose another DEEPGRAM_VOICE',
  },
  PAYLOAD_ERROR: { code: 'speech.refused', message: `Deepgram could not read what it was sent: ${newer}` },
  INVALID_AUTH: {
    code: 'speech.refused',
    message:
      'Deepgram refused the API key. Check DEEPGRAM_API_KEY: it may be mistyped, expired or deleted; keys are made at console.deepgram.com',
  },
  INSUFFICIENT_PERMISSIONS: {
    code: 'speech.refused',
    message:
      'The Deepgram key may not do this. Give it the role Member at console.deepgram.com, or choose a DEEPGRAM_VOICE that the project may use',
  },
  PAYLOAD_TOO_LARGE: { code: 'speech.refused', message: `Deepgram was sent too much at once: ${newer}` },
  UNSUPPORTED_MEDIA_TYPE: { code: 'speech.refused', message: `Deepgram does not know the kind of message: ${newer}` },
}

/** Of a status without a code that is known. */
const statuses: Readonly<Record<number, Meaning>> = {
  400: { code: 'speech.refused', message: `Deepgram does not take the request. ${settings}` },
  401: {
    code: 'speech.refused',
    message: 'Deepgram refused the API key. Check DEEPGRAM_API_KEY; keys are made at console.deepgram.com',
  },
  402: {
    code: 'speech.refused',
    message: 'The Deepgram account has no credit left. Top it up at console.deepgram.com, Billing',
  },
  403: {
    code: 'speech.refused',
    message: 'The Deepgram key may not do this. Check its role at console.deepgram.com, and DEEPGRAM_VOICE',
  },
  408: { code: 'speech.unavailable', message: 'Deepgram took too long to answer' },
  413: { code: 'speech.refused', message: `Deepgram was sent too much at once: ${newer}` },
  415: { code: 'speech.refused', message: `Deepgram does not know the kind of message: ${newer}` },
  429: {
    code: 'speech.busy',
    message:
      'Deepgram speaks in as many connections at once as the project may have. Make fewer calls at the same time, or raise the limit of the plan',
  },
}

/** Codes of a close frame, or of an error frame. */
const closes: Readonly<Record<string, Meaning>> = {
  'MESSAGE-0000': { code: 'speech.refused', message: `Deepgram got a frame of a kind it does not take: ${newer}` },
  'DATA-0000': { code: 'speech.refused', message: `Deepgram got a message it does not know: ${newer}` },
  'DATA-0001': {
    code: 'speech.busy',
    message:
      'Deepgram got more text in a minute than a connection may carry. It is connected anew; where this happens often, speak less at once',
  },
  // Of one text only: another one may be spoken.
  'BIG-0000': {
    code: 'speech.refused',
    message: 'Deepgram got a message that is too large. Make the sentence shorter',
    retryable: true,
  },
  'BIG-0001': {
    code: 'speech.refused',
    message: 'Deepgram got a text with too many characters. Make the sentence shorter',
    retryable: true,
  },
  'NET-0000': { code: 'speech.unavailable', message: 'Deepgram reports a fault of its own' },
  'NET-0001': { code: 'speech.lost', message: 'Deepgram gave up the connection because it heard nothing from us' },
  'NET-0002': { code: 'speech.lost', message: 'Deepgram gave up the connection because it could not send to us' },
  'NET-0003': { code: 'speech.lost', message: 'Deepgram ended the connection: it had lasted as long as one may' },
}

const fault: Meaning = { code: 'speech.unavailable', message: 'Deepgram cannot serve now, by a fault of its own' }
const elsewhere: Meaning = {
  code: 'speech.refused',
  message:
    'Something that is not Deepgram answered, where a websocket was expected. Check that DEEPGRAM_URL is https://api.deepgram.com',
}

export const { handshakeError, closeReasonCode, connectionLost, frameError, unreachable } = deepgramErrors({
  refusals,
  statuses,
  closes,
  fault,
  elsewhere,
  unavailable: 'speech.unavailable',
  lost: 'speech.lost',
})

/** No audio for a text, or not enough for it, and then silence. */
export function stalled(facts: { audioMs: number; silentMs: number }): BridgeError {
  const what = facts.audioMs === 0 ? 'sent no audio for the text' : 'went silent before the end of the text'
  return new BridgeError('speech.stalled', `Deepgram ${what} and nothing came for ${facts.silentMs} ms.`, {
    details: facts,
  })
}

/** The flush of an utterance was ignored again and again, though we kept below the limit. */
export function neverFlushed(): BridgeError {
  return new BridgeError(
    'speech.busy',
    'Deepgram kept ignoring the end of the text because of too many flushes. Speak in longer sentences. (EXCESSIVE_FLUSH)',
    { details: { deepgramCode: 'EXCESSIVE_FLUSH' } },
  )
}

/** We may not send for a long while yet, and another connection could not be had. */
export function overLimit(): BridgeError {
  return new BridgeError(
    'speech.busy',
    'As much text as Deepgram takes in a minute was sent, and it gave no further connection. Speak less at once, or raise the limit of the plan.',
  )
}
