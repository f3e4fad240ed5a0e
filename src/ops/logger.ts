import { type DestinationStream, type Level, type Logger, pino } from 'pino'

/** What the parts around a call write to, in pino's order of arguments. Facts never hold keys, URLs, numbers or spoken text. */
export interface Log {
  warn(facts: LogFacts, message: string): void
  debug(facts: LogFacts, message: string): void
}

type LogFacts = Readonly<Record<string, string | number | boolean>>

/**
 * The log: one JSON object a line on standard error, so that standard output stays free for results. Messages are
 * fixed sentences, facts are fields. The names below hold secrets or private data and are blacked out should one ever
 * be handed over.
 */
export function createLogger(level: Level | 'silent', destination: DestinationStream = pino.destination(2)): Logger {
  return pino(
    {
      level,
      base: null,
      redact: { paths: privateNames.flatMap((name) => [name, `*.${name}`]), censor: '[private]' },
      serializers: {
        err: safeError,
        error: safeError,
        // A URL may carry a key in its query; only its path is logged.
        req: (request: unknown) => ({ method: fieldOf(request, 'method'), path: pathOf(fieldOf(request, 'url')) }),
        res: (response: unknown) => ({ statusCode: fieldOf(response, 'statusCode') }),
      },
    },
    destination,
  )
}

const privateNames = ['to', 'from', 'text', 'message', 'keys', 'digits', 'token', 'apiKey', 'authToken', 'password']

/** Errors of network libraries drag requests with credentials along: only name, code and message are logged. */
function safeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error }
  return { type: error.name, code: fieldOf(error, 'code'), problem: error.message, stack: error.stack }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1] ?? Reflect.get(value, name)
}

function pathOf(url: unknown): string | undefined {
  return typeof url === 'string' ? url.split('?')[0] : undefined
}
