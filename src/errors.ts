/**
 * The one error class of callbridge and the one table of its codes.
 *
 * A code says what went wrong in a form a program can rely on; the message says it to a person: what was expected,
 * what came, what to do. Facts stand as fields in `details`, never secrets, phone numbers or spoken text.
 */

export const errorCodes = {
  'config.invalid': { retryable: false, summary: 'A setting is missing or cannot be read.' },
  'usage.invalid': { retryable: false, summary: 'A command was called with words it does not know.' },
  'number.invalid': { retryable: false, summary: 'A phone number cannot be dialled.' },
  'destination.country': { retryable: false, summary: 'Calls to the country of the number are not allowed.' },
  'destination.premium-rate': { retryable: false, summary: 'The number is a premium-rate number.' },
  'destination.shared-cost': {
    retryable: false,
    summary: 'The number is a shared-cost, company-wide, pager or personal number.',
  },
  'destination.short-number': { retryable: false, summary: 'The number is a short or emergency number.' },
  'text.empty': { retryable: false, summary: 'There is nothing to say in the text.' },
  'text.too-long': { retryable: false, summary: 'The text is longer than one call may speak.' },
  'text.unspeakable': {
    retryable: false,
    summary: 'The voice model does not speak the script or language of the text.',
  },
  'markup.invalid': { retryable: false, summary: 'A pause, digits or sounds cannot be spoken as they were given.' },
  'audio.unreadable': { retryable: false, summary: 'A sound to be played cannot be read.' },
  'voice.invalid': { retryable: false, summary: 'The speech provider has no such voice.' },
  'flow.unknown': { retryable: false, summary: 'No flow has this name.' },
  'flow.unusable': { retryable: false, summary: 'The file of a flow cannot be loaded, or exports no flow.' },
  'limit.calls-at-once': { retryable: true, summary: 'As many calls are under way as are allowed at once.' },
  'limit.calls-per-minute': { retryable: true, summary: 'As many calls were placed in a minute as are allowed.' },
  'limit.calls-per-number': {
    retryable: true,
    summary: 'As many calls were placed to this number in an hour as are allowed.',
  },
  'limit.event-streams': { retryable: true, summary: 'As many event streams are open as are allowed.' },
  'limit.event-streams-per-key': {
    retryable: true,
    summary: 'As many event streams are open for this API key as are allowed.',
  },
  'request.invalid': { retryable: false, summary: 'The request is not of the documented form.' },
  'request.unauthorized': { retryable: false, summary: 'The request carries no valid API key.' },
  'request.forbidden': { retryable: false, summary: 'Without API keys the API answers this machine only.' },
  'request.unknown-path': { retryable: false, summary: 'Nothing answers at this path with this method.' },
  'request.key-reused': { retryable: false, summary: 'The idempotency key was used for another request.' },
  'server.overloaded': { retryable: true, summary: 'The server is too busy to take another call.' },
  'server.port-in-use': { retryable: false, summary: 'Another program listens on the port.' },
  'server.listen-failed': { retryable: false, summary: 'The server cannot listen on the address.' },
  'server.draining': { retryable: true, summary: 'The server is stopping and takes no new calls.' },
  'tunnel.failed': { retryable: true, summary: 'No tunnel could be opened to the server.' },
  'tunnel.lost': { retryable: true, summary: 'The tunnel to the server is lost, and another one is not open yet.' },
  'twilio.rejected': { retryable: false, summary: 'Twilio refused the request.' },
  'twilio.unreachable': { retryable: true, summary: 'Twilio did not answer, and the request was not carried out.' },
  'twilio.create-unknown': { retryable: false, summary: 'Twilio did not answer, and whether it dialled is not known.' },
  'twilio.bad-message': { retryable: false, summary: 'A message from Twilio is not of the documented form.' },
  'stream.stripped': { retryable: false, summary: 'Twilio answered the call but never opened the media stream.' },
  'stream.unreachable': { retryable: false, summary: 'Twilio could not open the media stream to our public address.' },
  'stream.lost': { retryable: false, summary: 'The media stream broke off.' },
  'call.ended': { retryable: false, summary: 'The call is over; nothing more can be said in it.' },
  'call.abandoned': {
    retryable: false,
    summary: 'The server died during the call; what was heard is not known.',
  },
  'call.too-long': { retryable: false, summary: 'The call lasted longer than a call may.' },
  'call.idle': { retryable: false, summary: 'Nothing was heard or said in the call for too long.' },
  'call.not-found': { retryable: false, summary: 'No such call.' },
  'alert.not-found': { retryable: false, summary: 'No such alert.' },
  'call.elsewhere': { retryable: false, summary: 'Another process conducts the call.' },
  'flow.failed': { retryable: false, summary: 'The flow that conducted the call threw an error.' },
  'playback.unconfirmed': { retryable: false, summary: 'The end of the audio was never confirmed as played.' },
  'speech.unavailable': { retryable: true, summary: 'The speech service cannot be reached.' },
  'speech.refused': { retryable: false, summary: 'The speech service refused the request.' },
  'speech.busy': { retryable: true, summary: 'The speech service has too much to do for this account now.' },
  'speech.lost': { retryable: true, summary: 'The connection to the speech service broke off.' },
  'speech.stalled': { retryable: true, summary: 'The speech service went silent before the end of the text.' },
  'speech.not-installed': { retryable: false, summary: 'The offline voice is not installed.' },
  'recording.unwritable': { retryable: false, summary: 'What the callee says cannot be written to the file.' },
  'hearing.unavailable': { retryable: true, summary: 'The speech recognizer cannot be reached.' },
  'hearing.refused': { retryable: false, summary: 'The speech recognizer refused the request.' },
  'hearing.busy': { retryable: true, summary: 'The speech recognizer has too much to do for this account now.' },
  'hearing.lost': { retryable: true, summary: 'The connection to the speech recognizer broke off.' },
  'records.unwritable': { retryable: false, summary: 'A call record could not be written to the disk.' },
  internal: { retryable: false, summary: 'A fault of callbridge itself.' },
} as const satisfies Record<string, { retryable: boolean; summary: string }>

export type ErrorCode = keyof typeof errorCodes

type Detail = string | number | boolean | null

export class BridgeError extends Error {
  override readonly name = 'BridgeError'
  readonly code: ErrorCode
  readonly retryable: boolean
  readonly details: Readonly<Record<string, Detail>>

  /**
   * @param code a key of `errorCodes`
   * @param message one or two sentences for a person
   * @param facts `details`: short facts a program may need; `retryable` overrides the table for one case
   */
  constructor(
    code: ErrorCode,
    message: string,
    facts: { details?: Record<string, Detail>; retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.retryable = facts.retryable ?? errorCodes[code].retryable
    this.details = Object.freeze({ ...facts.details })
  }
}

/** Any thrown value as a BridgeError; what is not one already becomes `internal`, with the original as its cause. */
export function asBridgeError(thrown: unknown): BridgeError {
  if (thrown instanceof BridgeError) return thrown
  return new BridgeError('internal', messageOf(thrown), { cause: thrown })
}

/** Never throws, though what was thrown may: an object need not have a `toString`. */
function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown)
  } catch {
    return `something that is no error and cannot be printed (${typeof thrown})`
  }
}
