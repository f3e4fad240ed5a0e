/**
 * What a failed request to Twilio means for the request. Nothing of what was thrown is kept but codes: an AxiosError
 * carries the Basic authorisation and the form, Twilio's own message the number, a SyntaxError a piece of the body.
 */
export type RestFailure =
  /** Twilio read the request and refused it. */
  | { kind: 'refused'; httpStatus: number; twilioCode: number | undefined }
  /** No connection came about: the request cannot have been carried out. */
  | { kind: 'not-sent'; reason: string }
  /** The request left, and what became of it is not known. */
  | { kind: 'unknown'; reason: string }

const notSent: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

/** Reads what the official client threw. Never throws. */
export function classifyFailure(thrown: unknown): RestFailure {
  if (!isRecord(thrown)) return { kind: 'unknown', reason: 'an answer that is not in its form' }
  const { code, status } = thrown
  if (thrown['isAxiosError'] === true) {
    const reason = networkReason(code)
    return isBeforeConnect(thrown) ? { kind: 'not-sent', reason } : { kind: 'unknown', reason }
  }
  if (typeof status !== 'number') return { kind: 'unknown', reason: 'an answer that is not in its form' }
  if (status >= 500 || status === 408 || status < 300) return { kind: 'unknown', reason: `HTTP ${status}` }
  return { kind: 'refused', httpStatus: status, twilioCode: typeof code === 'number' && code > 0 ? code : undefined }
}

/** `ECONNABORTED` is how the HTTP client names its own timeout. */
function networkReason(code: unknown): string {
  if (code === 'ECONNABORTED') return 'no answer in time'
  return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? code : 'a broken connection'
}

function isBeforeConnect(error: Readonly<Record<string, unknown>>): boolean {
  if (typeof error['code'] === 'string' && notSent.has(error['code'])) return true
  const { cause } = error
  if (!isRecord(cause)) return false
  const { errors, syscall } = cause
  // With several addresses Node tries them in turn and throws all failures together.
  if (Array.isArray(errors))
    return errors.length > 0 && errors.every((each) => isRecord(each) && isConnect(each['syscall']))
  return isConnect(syscall)
}

function isConnect(syscall: unknown): boolean {
  return syscall === 'connect' || syscall === 'getaddrinfo'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
