import { BridgeError, type ErrorCode } from '../errors.ts'

/** What one answer of Deepgram's means to a person. */
export interface Meaning {
  readonly code: ErrorCode
  readonly message: string
  /** Where it is otherwise than the code is in general. */
  readonly retryable?: true
}

/** A refused handshake, as far as Deepgram says anything with it. */
interface Refusal {
  readonly status: number
  readonly codes?: readonly (string | undefined)[]
  readonly requestId?: string | undefined
}

/** Deepgram gives the reason of a refused handshake in a header, or in the body. */
export function refusalOf(
  {
    status,
    headers,
  }: { readonly status: number; readonly headers: Readonly<Record<string, string | string[] | undefined>> },
  codeInBody: string | undefined,
): Refusal {
  const header = (name: string) => {
    const value = headers[name]
    return typeof value === 'string' ? value : undefined
  }
  return { status, codes: [header('dg-error'), codeInBody], requestId: header('dg-request-id') }
}

/**
 * Deepgram refuses, closes and breaks in one way, whether it speaks or listens; only what that means to a person differs.
 * Of its answers only codes and numbers are passed on: its messages can quote what was sent.
 */
export function deepgramErrors(means: {
  /** By the code of a refused handshake. */
  readonly refusals: Readonly<Record<string, Meaning>>
  /** By the HTTP status of one without a code that is known. */
  readonly statuses: Readonly<Record<number, Meaning>>
  /** By the code in the reason of a close. */
  readonly closes: Readonly<Record<string, Meaning>>
  readonly fault: Meaning
  readonly elsewhere: Meaning
  readonly unavailable: ErrorCode
  readonly lost: ErrorCode
}) {
  const { refusals, statuses, closes } = means

  /** A handshake answered with another HTTP status than 101. */
  function handshakeError({ status, codes = [], requestId }: Refusal): BridgeError {
    const deepgramCode = codes.find((code) => code !== undefined && Object.hasOwn(refusals, code))
    const details = {
      httpStatus: status,
      ...(deepgramCode === undefined ? {} : { deepgramCode }),
      ...(requestId !== undefined && /^[0-9a-f-]{36}$/i.test(requestId) ? { requestId } : {}),
    }
    const because = deepgramCode === undefined ? `HTTP ${status}` : `HTTP ${status}, ${deepgramCode}`
    // A busy or broken service is that, whatever code it gives.
    const byCode = status === 429 || status >= 500 ? undefined : refusals[deepgramCode ?? '']
    const meaning = byCode ?? statuses[status] ?? (status >= 500 ? means.fault : means.elsewhere)
    return new BridgeError(meaning.code, `${meaning.message}. (${because})`, { details })
  }

  /** The code in a close reason: on its own, or in a sentence with a link such as https://dpgr.am/net0001. */
  function closeReasonCode(reason: string): string | undefined {
    const [, family, number] = /\b(message|data|big|net)-?(\d{4})\b/i.exec(reason) ?? []
    const code = `${family?.toUpperCase()}-${number}`
    return Object.hasOwn(closes, code) ? code : undefined
  }

  /** Closed by Deepgram, or `silent`: nothing came any more, not even a pong. */
  function connectionLost(facts: { closeCode?: number; closeReason?: string; reason?: 'silent' }): BridgeError {
    const deepgramCode = closeReasonCode(facts.closeReason ?? '')
    const details = {
      ...(facts.closeCode === undefined ? {} : { closeCode: facts.closeCode }),
      ...(facts.reason === undefined ? {} : { reason: facts.reason }),
      ...(deepgramCode === undefined ? {} : { deepgramCode }),
    }
    const meaning = closes[deepgramCode ?? '']
    if (meaning) {
      const { code, message, retryable } = meaning
      const facts = { details, ...(retryable === undefined ? {} : { retryable }) }
      return new BridgeError(code, `${message}. (${deepgramCode})`, facts)
    }
    const what = facts.reason === 'silent' ? 'The connection to Deepgram went dead' : 'Deepgram closed the connection'
    return new BridgeError(means.lost, `${what} while it was needed.`, { details })
  }

  /** An error frame. Not documented for these services, so that an unknown one is taken for a fault that may pass. */
  function frameError(code: string | undefined): BridgeError {
    const known = closeReasonCode(code ?? '')
    if (known !== undefined) return connectionLost({ closeReason: known })
    const refusal = code !== undefined && Object.hasOwn(refusals, code) ? refusals[code] : undefined
    if (refusal && code !== undefined)
      return new BridgeError(refusal.code, `${refusal.message}. (${code})`, { details: { deepgramCode: code } })
    return new BridgeError(means.unavailable, 'Deepgram reports an error that callbridge does not know.')
  }

  /** No connection. `cause` is the system's short code (ECONNREFUSED), never an error object. */
  function unreachable(cause: string | undefined): BridgeError {
    return new BridgeError(
      means.unavailable,
      `Deepgram cannot be reached${cause === undefined ? '' : ` (${cause})`}. Check the network and DEEPGRAM_URL.`,
      { details: cause === undefined ? {} : { cause } },
    )
  }

  return { handshakeError, closeReasonCode, connectionLost, frameError, unreachable }
}
