import { BridgeError } from '../../errors.ts'
import { deepgramErrors, type Meaning } from '../../wire/deepgram-errors.ts'

/**
 * What goes wrong while Deepgram listens, as errors a person can act on. Only codes and numbers of its answer are passed
 * on: its messages can quote what was said. Deepgram docs, "Errors" and the live transcription pages (2025, 2026).
 */
const settings = 'Check HEARING_MODEL: it has to name a model for live transcription, such as nova-3, and the language'
const newer =
  'callbridge and the service do not agree on the protocol. Look for a newer callbridge; meanwhile set HEARING_PROVIDER=none'

/** Codes of a refused handshake, in the header `dg-error` or in the body. */
const refusals: Readonly<Record<string, Meaning>> = {
  INVALID_QUERY_PARAMETER: { code: 'hearing.refused', message: `Deepgram does not take the request. ${settings}` },
  UNSUPPORTED_AUDIO_FORMAT: {
    code: 'hearing.refused',
    message: 'Deepgram does not hear mu-law at 8,000 Hz with this model. Choose another HEARING_MODEL',
  },
  PAYLOAD_ERROR: { code: 'hearing.refused', message: `Deepgram could not read what it was sent: ${newer}` },
  INVALID_AUTH: {
    code: 'hearing.refused',
    message:
      'Deepgram refused the API key. Check DEEPGRAM_API_KEY: it may be mistyped, expired or deleted; keys are made at console.deepgram.com',
  },
  INSUFFICIENT_PERMISSIONS: {
    code: 'hearing.refused',
    message:
      'The Deepgram key may not do this. Give it the role Member at console.deepgram.com, or choose a HEARING_MODEL that the project may use',
  },
  PAYLOAD_TOO_LARGE: { code: 'hearing.refused', message: `Deepgram was sent too much at once: ${newer}` },
  UNSUPPORTED_MEDIA_TYPE: { code: 'hearing.refused', message: `Deepgram does not know the kind of message: ${newer}` },
  // In an error frame of /v2/listen.
  UNPARSABLE_CLIENT_MESSAGE: { code: 'hearing.refused', message: `Deepgram could not read a message: ${newer}` },
}

/** Of a status without a code that is known. */
const statuses: Readonly<Record<number, Meaning>> = {
  400: { code: 'hearing.refused', message: `Deepgram does not take the request. ${settings}` },
  401: {
    code: 'hearing.refused',
    message: 'Deepgram refused the API key. Check DEEPGRAM_API_KEY; keys are made at console.deepgram.com',
  },
  402: {
    code: 'hearing.refused',
    message: 'The Deepgram account has no credit left. Top it up at console.deepgram.com, Billing',
  },
  403: {
    code: 'hearing.refused',
    message: 'The Deepgram key may not do this. Check its role at console.deepgram.com, and HEARING_MODEL',
  },
  408: { code: 'hearing.unavailable', message: 'Deepgram took too long to answer' },
  413: { code: 'hearing.refused', message: `Deepgram was sent too much at once: ${newer}` },
  415: { code: 'hearing.refused', message: `Deepgram does not know the kind of message: ${newer}` },
  429: {
    code: 'hearing.busy',
    message:
      'Deepgram listens on as many connections at once as the project may have. Make fewer calls at the same time, or raise the limit of the plan',
  },
}

/** Codes of a close frame, or of an error frame. */
const closes: Readonly<Record<string, Meaning>> = {
  'MESSAGE-0000': { code: 'hearing.refused', message: `Deepgram got a frame of a kind it does not take: ${newer}` },
  'DATA-0000': { code: 'hearing.refused', message: `Deepgram could not read the audio: ${newer}` },
  'BIG-0000': { code: 'hearing.refused', message: `Deepgram got a message that is too large: ${newer}` },
  'NET-0000': { code: 'hearing.lost', message: 'Deepgram gave up the connection because it made no text in time' },
  'NET-0001': { code: 'hearing.lost', message: 'Deepgram gave up the connection because it got no audio from us' },
  'NET-0002': { code: 'hearing.lost', message: 'Deepgram gave up the connection because it could not send to us' },
  'NET-0003': { code: 'hearing.lost', message: 'Deepgram ended the connection: it had lasted as long as one may' },
}

const fault: Meaning = { code: 'hearing.unavailable', message: 'Deepgram cannot listen now, by a fault of its own' }
const elsewhere: Meaning = {
  code: 'hearing.refused',
  message:
    'Something that is not Deepgram answered, where a websocket was expected. Check that DEEPGRAM_URL is https://api.deepgram.com',
}

export const { handshakeError, connectionLost, frameError, unreachable } = deepgramErrors({
  refusals,
  statuses,
  closes,
  fault,
  elsewhere,
  unavailable: 'hearing.unavailable',
  lost: 'hearing.lost',
})

/** The connection stands, an end of what was said is owed, and nothing comes. */
export function stalled(silentMs: number): BridgeError {
  return new BridgeError(
    'hearing.lost',
    `Deepgram stopped answering amid speech, and nothing came for ${silentMs} ms.`,
    {
      details: { reason: 'stalled', silentMs },
    },
  )
}

/** No connection came about while somebody spoke. */
export function deafTooLong(waitedMs: number): BridgeError {
  return new BridgeError(
    'hearing.unavailable',
    `Deepgram took longer than ${waitedMs} ms to accept a connection. Check the network and DEEPGRAM_URL.`,
    { details: { waitedMs } },
  )
}
