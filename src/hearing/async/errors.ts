import { BridgeError, type ErrorCode } from '../../errors.ts'

/**
 * What goes wrong while Async listens, as errors a person can act on. Only codes and numbers of its answer are passed on:
 * `extra` can hold part of the key, a message what was said, and an error of the socket the URL with the key.
 */
type Meaning = readonly [code: ErrorCode, message: string]

const badKey: Meaning = [
  'hearing.refused',
  'Async refused the API key. Check ASYNC_API_KEY; keys are made at async.com/developer',
]
const noCredit: Meaning = [
  'hearing.refused',
  'The Async account has nothing left for speech to text. Top it up at async.com/developer',
]
const badRequest: Meaning = [
  'hearing.refused',
  'Async does not listen in this way. Check HEARING_LANGUAGE, or set HEARING_PROVIDER to deepgram or none',
]
const busy: Meaning = [
  'hearing.busy',
  'Async listens to as much at once as this account may have. Make fewer calls at the same time, or raise the limit of the plan',
]
const fault: Meaning = ['hearing.unavailable', 'Async cannot listen now, by a fault of its own']
const elsewhere: Meaning = [
  'hearing.refused',
  'Something that is not Async answered, where a websocket was expected. Check that ASYNC_URL is https://api.async.com',
]

const codes: ReadonlyMap<string, Meaning> = new Map([
  ['INVALID_API_KEY', badKey],
  ['TOKEN_NOT_FOUND', badKey],
  ['USAGE_LIMIT_EXCEEDED', noCredit],
  ['QUOTA_EXCEEDED', noCredit],
  ['INVALID_LANGUAGE', badRequest],
  ['FORMAT_NOT_RECOGNIZED', badRequest],
  ['TOO_MANY_CONCURRENT_REQUESTS', busy],
  ['RATE_LIMIT_EXCEEDED', busy],
  ['TIMEOUT', ['hearing.lost', 'Async gave up the connection because it got no audio from us']],
])

const statuses: ReadonlyMap<number, Meaning> = new Map([
  [400, badRequest],
  [401, badKey],
  [402, noCredit],
  [403, badKey],
  [408, fault],
  [422, badRequest],
  [429, busy],
])

function told([code, message]: Meaning, because: string, details: Record<string, string | number>): BridgeError {
  return new BridgeError(code, `${message}. (${because})`, { details })
}

/** A handshake answered with another HTTP status than 101. A broken service is that, whatever code it gives. */
export function handshakeError(httpStatus: number, code: string | undefined): BridgeError {
  const known = httpStatus < 500 ? codes.get(code ?? '') : undefined
  const meaning = known ?? statuses.get(httpStatus) ?? (httpStatus >= 500 ? fault : elsewhere)
  if (!known || code === undefined) return told(meaning, `HTTP ${httpStatus}`, { httpStatus })
  return told(meaning, `HTTP ${httpStatus}, ${code}`, { httpStatus, asyncCode: code })
}

/** An error frame. One that is not known may pass. */
export function frameError(code: string | undefined): BridgeError {
  const known = codes.get(code ?? '')
  if (known && code !== undefined) return told(known, code, { asyncCode: code })
  return new BridgeError('hearing.unavailable', 'Async reports an error that callbridge does not know.')
}

/** No connection. `cause` is the system's short code (ECONNREFUSED). */
export function unreachable(cause: string | undefined): BridgeError {
  const because = cause === undefined ? '' : ` (${cause})`
  return new BridgeError(
    'hearing.unavailable',
    `Async cannot be reached${because}. Check the network and ASYNC_URL.`,
    cause === undefined ? {} : { details: { cause } },
  )
}

/** Taken, and closed at once without a word: how a key is refused here is not documented. */
export function closedAtOnce(closeCode: number): BridgeError {
  const message =
    'Async took the connection and closed it at once, which most likely means that it refused the key or the plan. Check ASYNC_API_KEY, and whether the account has speech to text.'
  return new BridgeError('hearing.refused', message, { details: { closeCode } })
}

/** Closed by Async, or `silent`: nothing came any more, not even a pong. */
export function connectionLost({ closeCode, reason }: { closeCode?: number; reason?: 'silent' }): BridgeError {
  const message = reason === 'silent' ? 'The connection to Async went dead' : 'Async closed the connection'
  const details = { ...(closeCode === undefined ? {} : { closeCode }), ...(reason === undefined ? {} : { reason }) }
  return new BridgeError('hearing.lost', `${message} while somebody was listened to.`, { details })
}

/** It owes a final text, and of the voice that followed it has told nothing. */
export function stalled(voicedMs: number): BridgeError {
  const message = `Async stopped answering amid speech: of ${voicedMs} ms of voice nothing was told.`
  return new BridgeError('hearing.lost', message, { details: { reason: 'stalled', voicedMs } })
}

/** No connection came about while somebody spoke. */
export function deafTooLong(waitedMs: number): BridgeError {
  const message = `Async let nobody in for ${waitedMs} ms. Check the network and ASYNC_URL.`
  return new BridgeError('hearing.unavailable', message, { details: { waitedMs } })
}
