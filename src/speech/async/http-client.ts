import { BridgeError } from '../../errors.ts'
import type { Clock, Timer } from '../../ops/clock.ts'
import { connectionLost, unreachable } from './errors.ts'
import { httpError, readJson, unexpectedAnswer } from './http-errors.ts'

export interface AsyncAccountSettings {
  readonly url: string
  readonly apiKey: string
  readonly version: string
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly json?: unknown
  readonly upload?: Upload
  /** The request is given up when nothing was sent or came for so long. */
  readonly silenceMs?: number
  /** Of the answer; 4 MB unless told. */
  readonly maxBytes?: number
}

export interface Upload {
  readonly contentType: string
  readonly bytes: Uint8Array
  /** Told as the bytes go out: how many of them so far. */
  readonly progress?: ((sentBytes: number) => void) | undefined
}

export interface AsyncHttp {
  /**
   * Sends one request and reads the whole answer.
   *
   * @throws BridgeError `speech.refused`, `speech.busy`, `speech.unavailable`, `speech.lost`
   */
  request(request: HttpRequest): Promise<Uint8Array>
}

const defaultSilenceMs = 10_000
const defaultMaxBytes = 4 * 1024 * 1024
const pieceBytes = 64 * 1024

/** Async's HTTP API: key and version in the headers, errors in words, bounded in time and size. */
export function createAsyncHttp(settings: AsyncAccountSettings, { clock }: { clock: Clock }): AsyncHttp {
  return {
    async request({ method, path, json, upload, silenceMs = defaultSilenceMs, maxBytes = defaultMaxBytes }) {
      const watch = watchSilence(clock, silenceMs)
      try {
        const response = await fetch(`${settings.url}${path}`, {
          method,
          headers: {
            ...accountHeaders(settings),
            ...(json === undefined ? {} : { 'content-type': 'application/json' }),
            ...(upload ? { 'content-type': upload.contentType, 'content-length': String(upload.bytes.length) } : {}),
          },
          redirect: 'manual',
          signal: watch.signal,
          ...(json === undefined ? {} : { body: JSON.stringify(json) }),
          ...(upload ? { body: piecesOf(upload, watch.heard), duplex: 'half' } : {}),
        })
        const bytes = await readWhole(response, maxBytes, watch.heard)
        if (!response.ok) throw httpError(response.status, new TextDecoder().decode(bytes))
        return bytes
      } catch (thrown) {
        throw asFailure(thrown, watch.signal.aborted ? silenceMs : undefined)
      } finally {
        watch.stop()
      }
    },
  }
}

/** What every request carries. */
export function accountHeaders({ apiKey, version }: AsyncAccountSettings): Record<string, string> {
  return { 'x-api-key': apiKey, version }
}

/** The JSON value of an answer; undefined when it is none. */
export function jsonOf(bytes: Uint8Array): unknown {
  return readJson(new TextDecoder().decode(bytes))
}

export interface SilenceWatch {
  readonly signal: AbortSignal
  readonly heard: () => void
  readonly stop: () => void
}

/** Aborts its signal when `heard` was not called for so long. */
export function watchSilence(clock: Clock, silenceMs: number): SilenceWatch {
  const controller = new AbortController()
  let timer: Timer | undefined
  const heard = () => {
    timer?.cancel()
    timer = clock.after(silenceMs, () => controller.abort())
  }
  heard()
  return { signal: controller.signal, heard, stop: () => timer?.cancel() }
}

async function* piecesOf({ bytes, progress }: Upload, heard: () => void): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    // Asked for the next piece: the one before has gone out.
    heard()
    progress?.(at)
    yield await Promise.resolve(bytes.subarray(at, at + pieceBytes))
  }
  progress?.(bytes.length)
}

/** Reads a body to its end. @throws when it is larger than `maxBytes` or breaks off */
export async function readWhole(
  response: { readonly body: AsyncIterable<Uint8Array> | null },
  maxBytes: number,
  heard: () => void = () => {},
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let total = 0
  for await (const piece of response.body ?? []) {
    heard()
    total += piece.length
    if (total > maxBytes) throw unexpectedAnswer(`answer of at most ${maxBytes} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** What `fetch` throws, in words. It may hold headers, so nothing of it is passed on but a short code. */
export function asFailure(thrown: unknown, silentForMs: number | undefined): BridgeError {
  if (thrown instanceof BridgeError) return thrown
  if (silentForMs !== undefined) return unreachable(`no answer within ${silentForMs / 1000} s`)
  if (!(thrown instanceof Error)) return unreachable(undefined)
  // So `fetch` calls a body that ends before its end.
  if (thrown.message === 'terminated') return connectionLost({})
  return unreachable(causeOf(thrown))
}

/** The system's short code, such as ECONNREFUSED. */
export function causeOf({ cause }: Error): string | undefined {
  const code: unknown = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : undefined
}
