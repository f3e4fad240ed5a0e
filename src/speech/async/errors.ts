import { BridgeError } from '../../errors.ts'

/**
 * What goes wrong with Async, as errors a person can act on. Only codes and numbers of Async's answer are passed on:
 * its `extra` can hold part of the key, its messages can quote what was sent, and a socket error can hold the URL.
 */

const refusals: ReadonlyMap<string, string> = new Map([
  [
    'INVALID_API_KEY',
    'Async refused the API key. Check ASYNC_API_KEY: it may be mistyped, expired or revoked; keys are made at async.com/developer.',
  ],
  [
    'VOICE_NOT_FOUND',
    'Async does not know the voice. Use the id of a voice of Async or of your own account (ASYNC_VOICE_ID); npm run voices -- list shows them.',
  ],
  [
    'INVALID_LANGUAGE',
    'Async does not speak the language with this model. Change the language, leave it out, or choose another ASYNC_MODEL_ID.',
  ],
  [
    'FORMAT_NOT_RECOGNIZED',
    'Async does not know the audio format, or does not give it with this model. For calls (raw mu-law at 8,000 Hz) choose another ASYNC_MODEL_ID; a voice is cloned from a WAV, MP3, FLAC or AIFF file.',
  ],
  ['VERSION_NOT_FOUND', 'Async does not know the version of its API. Set ASYNC_VERSION=v1.'],
  ['TOKEN_NOT_FOUND', 'Async does not know the API key. Check ASYNC_API_KEY.'],
  [
    'USAGE_LIMIT_EXCEEDED',
    'The Async account has used up its allowance. Top it up or raise its limit at async.com/developer.',
  ],
  ['QUOTA_EXCEEDED', 'The Async account has used up its allowance. Top it up at async.com/developer.'],
  [
    'VOICE_FIELD_UPDATE_NOT_ALLOWED',
    "Async does not let this be changed. Of your own voices name, description, gender, style and accent can be; of Async's own, nothing.",
  ],
  ['SHORT_SPEECH_DURATION', 'The recording is too short: Async clones a voice from 3 seconds of speech or more.'],
  [
    'BAD_SPEECH_QUALITY',
    'The recording is not good enough to clone a voice from. Record one speaker, close by, without noise or music; --enhance lets Async clean it.',
  ],
  [
    'VOICE_CLONE_LIMIT_EXCEEDED',
    'The Async account may have no more cloned voices. Delete one (npm run voices -- list --mine) or raise the limit of the plan.',
  ],
  ['VOICE_PREVIEW_NOT_FOUND', 'Async has no preview of this voice. npm run say speaks with it.'],
  ['FILE_TOO_LARGE', 'The file is larger than Async takes to clone a voice: at most 10 MB. Cut it, or save it as MP3.'],
])

const busyCodes: ReadonlyMap<string, string> = new Map([
  [
    'TOO_MANY_CONCURRENT_REQUESTS',
    'Async speaks as many texts at once as this account may have. Make fewer calls at the same time or raise the limit of the plan.',
  ],
  [
    'RATE_LIMIT_EXCEEDED',
    'Async got more requests from this account than its plan allows. Wait, or start calls more slowly.',
  ],
])

/** Codes of faults on Async's side, which another try may not meet. Not documented; any such name is taken so. */
const serverFault = /INTERNAL|UNAVAILABLE|SERVER|OVERLOADED/

/** What Async says of a failure, as far as it may be passed on. */
export interface ServiceFailure {
  readonly code: string
  readonly retryAfterMs?: number | undefined
  /** What the account may have, and what it has. */
  readonly limit?: number | undefined
  readonly current?: number | undefined
  readonly httpStatus?: number
}

/** An error frame, or the body of a refused request. TIMEOUT becomes `speech.lost`: a new connection cures it. */
export function serviceError(frame: ServiceFailure): BridgeError {
  const code = /^[A-Z][A-Z0-9_]{0,63}$/.test(frame.code) ? frame.code : 'UNREADABLE'
  const { retryAfterMs, limit, current, httpStatus } = frame
  const details = {
    asyncCode: code,
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(limit === undefined ? {} : { limit }),
    ...(current === undefined ? {} : { current }),
  }
  const refusal = refusals.get(code)
  if (refusal !== undefined) return new BridgeError('speech.refused', `${refusal} (${code})`, { details })
  const busy = busyCodes.get(code)
  if (busy !== undefined) return new BridgeError('speech.busy', `${busy} (${code})`, { details })
  if (code === 'TIMEOUT')
    return new BridgeError('speech.lost', 'Async gave up the connection because it heard nothing from us. (TIMEOUT)', {
      details,
    })
  if (serverFault.test(code))
    return new BridgeError('speech.unavailable', `Async reports a fault of its own. (${code})`, { details })
  return new BridgeError(
    'speech.refused',
    `Async refused the request with the code ${code}. Check ASYNC_VOICE_ID, ASYNC_MODEL_ID and the language.`,
    { details },
  )
}

/** A handshake answered with another HTTP status than 101. `frame` is the error its body held, if any. */
export function handshakeError(
  status: number,
  frame?: { code: string; retryAfterMs?: number | undefined },
): BridgeError {
  if (frame) return serviceError(frame)
  const details = { httpStatus: status }
  const answered = `Async answered the connection with HTTP ${status}`
  if (status === 401 || status === 403)
    return new BridgeError('speech.refused', `${answered}: it refused the API key. Check ASYNC_API_KEY.`, { details })
  if (status === 402)
    return new BridgeError('speech.refused', `${answered}: the account must be topped up at async.com/developer.`, {
      details,
    })
  if (status === 429)
    return new BridgeError('speech.busy', `${answered}: too many requests from this account at once.`, { details })
  if (status >= 500 || status === 408)
    return new BridgeError('speech.unavailable', `${answered}, a fault of its own.`, { details })
  return new BridgeError(
    'speech.refused',
    `${answered}, where a websocket was expected. Check that ASYNC_URL is the address of Async's API (https://api.async.com).`,
    { details },
  )
}

/** No connection. `cause` is the system's short code (ECONNREFUSED), never an error object: those can hold the URL. */
export function unreachable(cause: string | undefined): BridgeError {
  return new BridgeError(
    'speech.unavailable',
    `Async cannot be reached${cause === undefined ? '' : ` (${cause})`}. Check the network and ASYNC_URL.`,
    { details: cause === undefined ? {} : { cause } },
  )
}

/** Closed in an orderly way right after it was opened: the one way to refuse a key of which no document speaks. */
export function closedAtOnce(closeCode: number): BridgeError {
  return new BridgeError(
    'speech.refused',
    'Async took the connection and closed it at once without a word, which most likely means that it refused the key or the plan. Check ASYNC_API_KEY and the account at async.com/developer.',
    { details: { closeCode } },
  )
}

/** Closed by Async, or `silent`: nothing came any more, not even a pong. */
export function connectionLost(facts: { closeCode?: number; reason?: 'silent' }): BridgeError {
  const what = facts.reason === 'silent' ? 'The connection to Async went dead' : 'Async closed the connection'
  return new BridgeError('speech.lost', `${what} while it was needed.`, { details: { ...facts } })
}

/** No audio for a text, or not enough for it, and then silence. */
export function stalled(facts: { audioMs: number; silentMs: number }): BridgeError {
  const what = facts.audioMs === 0 ? 'sent no audio for the text' : 'went silent before the end of the text'
  return new BridgeError('speech.stalled', `Async ${what} and nothing came for ${facts.silentMs} ms.`, {
    details: facts,
  })
}
