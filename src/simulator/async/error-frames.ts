/** Codes of Async's OpenAPI file, with its example values, and TIMEOUT as it was seen live. */
const documented = {
  INVALID_API_KEY: { message: 'Invalid or expired API key.', extra: { api_key: 'sk_…' } },
  VOICE_NOT_FOUND: { message: 'Voice not found.', extra: { voice_id: '' } },
  VERSION_NOT_FOUND: { message: 'Version not found.', extra: null },
  INVALID_LANGUAGE: { message: 'The language is not supported by this model.', extra: null },
  FORMAT_NOT_RECOGNIZED: { message: 'The output format is not recognized.', extra: null },
  TOO_MANY_CONCURRENT_REQUESTS: { message: 'Too many concurrent requests.', extra: { limit: 5, current: 7 } },
  RATE_LIMIT_EXCEEDED: { message: 'Rate limit exceeded.', extra: { limit: 120, retry_after_ms: 8500 } },
  USAGE_LIMIT_EXCEEDED: { message: 'Usage limit exceeded.', extra: { limit: 1_000_000, current: 1_250_000 } },
  TIMEOUT: { message: 'Timeout: no message received in 60.0 seconds', extra: null },
} as const

/** Codes the documentation does not name, for refusals it does not spell out. Nobody may depend on them. */
const undocumented = {
  MODEL_NOT_FOUND: { message: 'Model not found.', extra: null },
  INVALID_REQUEST: { message: 'The message could not be understood.', extra: null },
  INTERNAL_SERVER_ERROR: { message: 'Synthesis failed.', extra: null },
  NOT_FOUND: { message: 'Not found.', extra: null },
} as const

const catalogue = { ...documented, ...undocumented }

export type ErrorCode = keyof typeof catalogue
export const errorCodes: readonly string[] = Object.keys(catalogue)

export interface ErrorDetail {
  readonly code: ErrorCode
  readonly message?: string
  readonly extra?: Readonly<Record<string, unknown>> | null
}

interface ErrorBody {
  error_code: string
  message: string
  extra: Readonly<Record<string, unknown>> | null
}

function body({ code, message, extra }: ErrorDetail): ErrorBody {
  const entry = catalogue[code]
  return { error_code: code, message: message ?? entry.message, extra: extra === undefined ? entry.extra : extra }
}

/** An error frame of the websocket. Seen live: flat, with a `request_id` that says nothing, and no `context_id`. */
export function errorFrame(detail: ErrorDetail, form: 'flat' | 'detail', contextId?: string): string {
  const { error_code, message, extra } = body(detail)
  const flat = {
    ...(contextId === undefined ? {} : { context_id: contextId }),
    error_code,
    message,
    request_id: 'unknown',
    extra,
  }
  return JSON.stringify(form === 'flat' ? flat : { detail: flat })
}

/** The error body of the HTTP API. Its documentation has both forms. */
export function errorBody(detail: ErrorDetail, form: 'flat' | 'detail' = 'detail'): string {
  return JSON.stringify(form === 'flat' ? body(detail) : { detail: body(detail) })
}

/** As the real service shows a key in `extra`: shortened, and still nothing to be logged. */
export function shortenedKey(key: string): string {
  return `${key.slice(0, 3)}…${key.slice(-4)}`
}
