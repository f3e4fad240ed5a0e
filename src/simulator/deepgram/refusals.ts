/** The error codes of Deepgram's HTTP answers; what no page names (402, 403's text, 503) has a text of ours. */
const documented = {
  'Bad Request': { status: 400, message: 'The request cannot be understood.' },
  INVALID_QUERY_PARAMETER: { status: 400, message: 'A query parameter is invalid.' },
  UNSUPPORTED_AUDIO_FORMAT: { status: 400, message: 'Unsupported audio format.' },
  PAYLOAD_ERROR: { status: 400, message: 'The body cannot be read.' },
  INVALID_AUTH: { status: 401, message: 'Invalid credentials.' },
  ASR_PAYMENT_REQUIRED: { status: 402, message: 'The project does not have enough credits.' },
  INSUFFICIENT_PERMISSIONS: { status: 403, message: 'The project has no access to this model.' },
  NOT_FOUND: { status: 404, message: 'Not found.' },
  PAYLOAD_TOO_LARGE: { status: 413, message: 'Payload Too Large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: 'The content type is not supported.' },
  TOO_MANY_REQUESTS: { status: 429, message: 'Too Many Requests' },
  INTERNAL_SERVER_ERROR: { status: 500, message: 'Internal Server Error' },
  SERVICE_UNAVAILABLE: { status: 503, message: 'Service Unavailable' },
} as const

export type ErrorCode = keyof typeof documented

export interface ErrorDetail {
  readonly code: ErrorCode
  /** Instead of the usual one. */
  readonly message?: string
  /** Instead of the one that goes with the code. */
  readonly status?: number
}

/** An answer that is no audio and no socket. */
export interface HttpRefusal {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** `{err_code, err_msg, request_id}`, with the reason in the header `dg-error` too, and `dg-request-id`. */
export function refusal({ code, message, status }: ErrorDetail, requestId: string): HttpRefusal {
  const text = message ?? documented[code].message
  return {
    status: status ?? documented[code].status,
    body: JSON.stringify({ err_code: code, err_msg: text, request_id: requestId }),
    headers: { 'dg-error': text, 'dg-request-id': requestId },
  }
}

/** The error that goes with a status nobody explains further. */
export function errorOfStatus(status: number): ErrorDetail {
  const known = codes.find((code) => documented[code].status === status)
  return { code: known ?? 'INTERNAL_SERVER_ERROR', status }
}

const codes = [
  'Bad Request',
  'INVALID_AUTH',
  'ASR_PAYMENT_REQUIRED',
  'INSUFFICIENT_PERMISSIONS',
  'NOT_FOUND',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'TOO_MANY_REQUESTS',
  'SERVICE_UNAVAILABLE',
] as const
