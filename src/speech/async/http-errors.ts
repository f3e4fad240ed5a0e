import { BridgeError } from '../../errors.ts'
import { type ServiceFailure, serviceError } from './errors.ts'

/**
 * What Async's HTTP API says of a failure, in words. Its body comes in three forms (OpenAPI): `{detail: {error_code,
 * message, extra}}`, the same without `detail`, and for 500 `{message, method, url, detail: string}`. Of them only the
 * code and the numbers are passed on.
 */
export function httpError(status: number, body: string): BridgeError {
  const failure = readFailure(body)
  if (failure) return serviceError({ ...failure, httpStatus: status })
  const details = { httpStatus: status }
  const answered = `Async answered with HTTP ${status}`
  const refused = (what: string) => new BridgeError('speech.refused', `${answered}: ${what}`, { details })
  if (status === 401 || status === 403) return refused('it refused the API key. Check ASYNC_API_KEY.')
  if (status === 402) return refused('the account must be topped up at async.com/developer.')
  if (status === 413) return refused('what was sent is too large.')
  if (status === 429)
    return new BridgeError('speech.busy', `${answered}: too many requests from this account at once.`, { details })
  if (status >= 500 || status === 408)
    return new BridgeError('speech.unavailable', `${answered}, a fault of its own.`, { details })
  if (status === 400 || status === 422)
    return refused('it does not take the request. Check ASYNC_MODEL_ID, ASYNC_VOICE_ID, the language and the options.')
  return refused("it has nothing there. Check that ASYNC_URL is the address of Async's API (https://api.async.com).")
}

/** The error in a body that may be anything; undefined when there is none. Never throws. */
export function readFailure(body: string): ServiceFailure | undefined {
  const value = readJson(body)
  if (!isRecord(value)) return undefined
  const error = isRecord(value['detail']) ? value['detail'] : value
  const { error_code: code, extra } = error
  if (typeof code !== 'string') return undefined
  return {
    code,
    retryAfterMs: numberIn(extra, 'retry_after_ms'),
    limit: numberIn(extra, 'limit'),
    current: numberIn(extra, 'current'),
  }
}

/** The JSON value of a text; undefined when it is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function numberIn(extra: unknown, name: string): number | undefined {
  const value = isRecord(extra) ? extra[name] : undefined
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined
}

/** An answer that is not what the documentation says. */
export function unexpectedAnswer(expected: string): BridgeError {
  return new BridgeError(
    'speech.refused',
    `Async answered with something that is no ${expected}. Check that ASYNC_URL is the address of its API.`,
  )
}
