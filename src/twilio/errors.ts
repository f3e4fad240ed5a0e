import { BridgeError } from '../errors.ts'

/**
 * Twilio's error codes in words a user can act on (Twilio docs, error dictionary). Twilio's own message often quotes
 * the number that was dialled, so none of it is passed on.
 */

const profile = 'Console, Trust Hub, Customer Profiles'
const geo = 'Console, Voice, Settings, Geo permissions'
const verified = 'Console, Phone Numbers, Verified Caller IDs'

const restWords: Readonly<Record<number, string>> = {
  10001: 'The account is suspended or closed. The Console says why.',
  10002: 'Trial accounts may not do this. Upgrade the account in the Console.',
  10004: `The account has as many calls at once as it may have: 2 without an approved customer profile, 3 with an individual one. Wait for a call to end, or have a profile approved (${profile}).`,
  20003:
    'Account SID and token do not belong together. Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (or API key and secret) in the Console; test credentials, credentials of another region and suspended accounts are refused in the same way.',
  20404: 'There is no such account or call. Check TWILIO_ACCOUNT_SID, and region and edge if set.',
  20429: 'Too many API requests at once. The request was not carried out; try again in a few seconds.',
  21201: 'The number to call is missing.',
  21205: 'The URL for the call instructions is not valid. Twilio must be able to reach it from outside.',
  21206: 'The digits to send may only be 0-9, A-D, #, *, w and W, at most 32.',
  21208: 'The ring timeout must be between 1 and 600 seconds.',
  21210: `The calling number (TWILIO_FROM_NUMBER) is neither a number of this account nor verified. Use one of Console, Phone Numbers, Active numbers, or verify it (${verified}).`,
  21211:
    'The number to call is not a valid phone number, or is the calling number itself. Write it as + and country code.',
  21212:
    'The calling number (TWILIO_FROM_NUMBER) is not valid, or may not be used for outgoing calls. Write it as + and country code.',
  21213: 'The calling number (TWILIO_FROM_NUMBER) is missing.',
  21214: 'The number to call cannot be reached by Twilio.',
  21215: `The account may not call this country or number range. Switch it on in ${geo}.`,
  21216: `Twilio blocks calls to this number, to prevent fraud or by regulation. Calls to +1 need a primary customer profile (${profile}).`,
  21217: 'The number to call is not a valid phone number. Write it as + and country code.',
  21219: `Trial accounts may only call verified numbers. Verify the number (${verified}) or upgrade the account.`,
  21220: 'The call is not in progress any more.',
  21234: 'A value for answering machine detection is out of its range.',
  21626: 'A status callback event is none that Twilio knows.',
  22005: 'The queue of calls is full: more than 24 hours of calls are waiting. Dial more slowly.',
  32018: 'The call instructions are longer than 4000 characters. Serve them by URL.',
  573002:
    'Trial accounts must call from the trial number that is assigned to this recipient. See the trial page of the Console.',
  573005: `Trial accounts may only call recipients that have been verified, and this one has not yet been (${verified}).`,
}

/** Codes that mean "not now" rather than "no". */
const passing: ReadonlySet<number> = new Set([10004, 20429, 22005])

const codeOfStatus: Readonly<Record<number, number>> = { 401: 20003, 404: 20404, 429: 20429 }

/** A refusal by Twilio's REST API. `twilioCode` is undefined where the answer was not in Twilio's form. */
export function rejectedByTwilio(refusal: { twilioCode?: number | undefined; httpStatus: number }): BridgeError {
  const { httpStatus } = refusal
  const twilioCode = refusal.twilioCode ?? codeOfStatus[httpStatus]
  const details = { twilioCode: twilioCode ?? null, httpStatus }
  if (twilioCode === undefined) {
    const hint = 'Check TWILIO_API_URL, and any proxy in between.'
    const message = `The answer of Twilio's API (HTTP ${httpStatus}) is not in Twilio's form. ${hint}`
    return new BridgeError('twilio.rejected', message, { details })
  }
  const words =
    restWords[twilioCode] ?? `Twilio refused the request. See https://www.twilio.com/docs/errors/${twilioCode}.`
  return new BridgeError('twilio.rejected', `${words} (Twilio error ${twilioCode})`, {
    details,
    retryable: passing.has(twilioCode),
  })
}

const streamWords: Readonly<Record<number, string>> = {
  31900: 'The media stream failed for a reason inside Twilio.',
  31901: 'Twilio got no answer when it opened the media stream: the tunnel does not lead here, or a firewall drops it.',
  31902: 'The media stream was refused: nothing listens at the public address and port.',
  31903: 'The media stream broke off while it was in use: a crash or a proxy closed it.',
  31904: 'Twilio found no way to the public address: check its DNS name; private addresses cannot be reached.',
  31910:
    'The media stream failed in TLS: the public address needs a valid certificate, not a self-signed one, and a port that speaks TLS.',
  31920:
    'The media stream was not accepted: wrong path, no websocket there, a refused signature, or a proxy in between.',
  31921: 'The media stream was closed from our side with an error.',
  31922: 'The media stream URL does not begin with wss://.',
  31923: 'The media stream URL is not a URL.',
  31924: 'A frame on the media stream broke the websocket protocol: look for compression or a proxy in between.',
  31930: 'Caller audio was thrown away: this server reads the media stream too slowly.',
  31931: 'More than ten minutes of audio were queued; the rest was thrown away.',
  31941: 'The media stream asked for a track that <Connect> does not offer.',
  31950: 'A binary frame was sent on the media stream; Twilio reads text only.',
  31951: 'A message on the media stream was not of the documented form, so the caller did not hear it.',
}

/** A stream error code of Twilio's debugger or of a stream status callback, in words, with the code. */
export function streamErrorInWords(code: number): string {
  const words = streamWords[code] ?? `The media stream failed. See https://www.twilio.com/docs/errors/${code}.`
  return `${words} (Twilio error ${code})`
}

/** The call was answered, and ended without the media stream ever being opened. */
export function streamStripped(): BridgeError {
  return new BridgeError(
    'stream.stripped',
    'Twilio answered the call but never opened the media stream. Trial accounts take <Stream> out of the instructions: ' +
      'upgrade the account. With an upgraded account, look for a stream error in Console, Monitor, Logs, Errors.',
  )
}
