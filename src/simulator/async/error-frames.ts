/** Codes of Async's OpenAPI file, with its example values, and TIMEOUT as it was seen live. */
const documented = {
  INVALID_LANGUAGE: { status: 400, message: 'The language is not supported by this model.', extra: null },
  FORMAT_NOT_RECOGNIZED: { status: 400, message: 'The output format is not recognized.', extra: null },
  VOICE_FIELD_UPDATE_NOT_ALLOWED: { status: 400, message: 'This field cannot be updated.', extra: { field: 'gender' } },
  SHORT_SPEECH_DURATION: { status: 400, message: 'At least 3 seconds of speech are needed.', extra: null },
  BAD_SPEECH_QUALITY: { status: 400, message: 'The quality of the speech is too low.', extra: null },
  VOICE_CLONE_LIMIT_EXCEEDED: { status: 400, message: 'Voice clone limit exceeded.', extra: null },
  INVALID_API_KEY: { status: 401, message: 'Invalid or expired API key.', extra: { api_key: 'sk_…' } },
  VOICE_NOT_FOUND: { status: 404, message: 'Voice not found.', extra: { voice_id: '' } },
  VERSION_NOT_FOUND: { status: 404, message: 'Version not found.', extra: null },
  VOICE_PREVIEW_NOT_FOUND: { status: 404, message: 'Voice preview not found.', extra: null },
  TOKEN_NOT_FOUND: { status: 404, message: 'Token not found.', extra: null },
  FILE_TOO_LARGE: { status: 413, message: 'The file is larger than 10 MB.', extra: null },
  TOO_MANY_CONCURRENT_REQUESTS: {
    status: 429,
    message: 'Too many concurrent requests.',
    extra: { limit: 5, current: 7 },
  },
  RATE_LIMIT_EXCEEDED: { status: 429, message: 'Rate limit exceeded.', extra: { limit: 120, retry_after_ms: 8500 } },
  USAGE_LIMIT_EXCEEDED: {
    status: 429,
    message: 'Usage limit exceeded.',
    extra: { limit: 1_000_000, current: 1_250_000 },
  },
  // A code of the websocket; the status is made up.
  TIMEOUT: { status: 408, message: 'Timeout: no message received in 60.0 seconds', extra: null },
} as const

/** Codes the documentation does not name, for refusals it does not spell out. Nobody may depend on them. */
const undocumented = {
  MODEL_NOT_FOUND: { status: 404, message: 'Model not found.', extra: null },
  INVALID_REQUEST: { status: 400, message: 'The message could not be understood.', extra: null },
  INTERNAL_SERVER_ERROR: { status: 500, message: 'Synthesis failed.', extra: null },
  NOT_FOUND: { status: 404, message: 'Not found.', extra: null },
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

/** The body of a 500, which has a form of its own (OpenAPI). */
export function faultBody(
  { method = '', url = '' }: { readonly method?: string | undefined; readonly url?: string | undefined },
  detail: string,
): string {
  return JSON.stringify({ message: catalogue.INTERNAL_SERVER_ERROR.message, method, url, detail })
}

/** The HTTP status that goes with a code. */
export function errorStatus({ code }: ErrorDetail): number {
  return catalogue[code].status
}

/** As the real service shows a key in `extra`: shortened, and still nothing to be logged. */
export function shortenedKey(key: string): string {
  return `${key.slice(0, 3)}…${key.slice(-4)}`
}
