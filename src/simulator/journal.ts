import type { Clock } from './clock.ts'
import { recordSpoken, type SpokenAudio, type SpokenRecorder } from './spoken.ts'

export interface MessageFault<Code extends string> {
  readonly code: Code
  /** Names fields and rules, never the text itself. */
  readonly detail: string
}

export interface ClientFault<Code extends string> extends MessageFault<Code> {
  /** From 1; 0 for a handshake that was not accepted, and for HTTP. */
  readonly connection: number
  readonly atMs: number
}

export interface ParsedMessage<Code extends string, Message extends { readonly kind: string }> {
  readonly message: Message
  /** The JSON value, or the first 200 characters of what is none. */
  readonly raw: unknown
  readonly faults: readonly MessageFault<Code>[]
}

export interface ReceivedMessage<Code extends string, Kind extends string> {
  readonly connection: number
  readonly atMs: number
  readonly kind: Kind
  /** The JSON value; the beginning of what was none; `undefined` for a binary frame. */
  readonly message: unknown
  /** `ok`, or the first of `faults`. */
  readonly verdict: 'ok' | Code
  readonly faults: readonly Code[]
}

/** A request for speech over HTTP. */
export interface SpeechRequest<Code extends string> {
  /** From 1. */
  readonly number: number
  readonly atMs: number
  readonly path: string
  /** The JSON value; `undefined` when it was none. */
  readonly body: unknown
  readonly faults: readonly Code[]
  /** What it was answered with, `undefined` when it was not. */
  status: number | undefined
}

/** What an emulated speech service saw and said, for tests to look at. `About` is what it tells beside the audio. */
export interface Journal<Code extends string, Message extends { readonly kind: string }, About extends object> {
  readonly received: readonly ReceivedMessage<Code, Message['kind']>[]
  readonly faults: readonly ClientFault<Code>[]
  readonly spoken: readonly (About & SpokenAudio)[]
  readonly requests: readonly SpeechRequest<Code>[]
  blame(connection: number, found: readonly MessageFault<Code>[]): void
  take(connection: number, parsed: ParsedMessage<Code, Message>): void
  takeRequest(path: string, body: unknown, found: readonly MessageFault<Code>[]): SpeechRequest<Code>
  record(about: About): SpokenRecorder
}

export function createJournal<Code extends string, Message extends { readonly kind: string }, About extends object>(
  clock: Clock,
): Journal<Code, Message, About> {
  const received: ReceivedMessage<Code, Message['kind']>[] = []
  const faults: ClientFault<Code>[] = []
  const spoken: (About & SpokenAudio)[] = []
  const requests: SpeechRequest<Code>[] = []

  function blame(connection: number, found: readonly MessageFault<Code>[]): void {
    for (const fault of found) faults.push({ ...fault, connection, atMs: clock.now() })
  }

  return {
    received,
    faults,
    spoken,
    requests,
    blame,
    take(connection, { message, raw, faults: found }) {
      const codes = found.map((fault) => fault.code)
      blame(connection, found)
      received.push({
        connection,
        atMs: clock.now(),
        kind: message.kind,
        message: raw,
        verdict: codes[0] ?? 'ok',
        faults: codes,
      })
    },
    takeRequest(path, body, found) {
      blame(0, found)
      const faults = found.map((fault) => fault.code)
      const request = { number: requests.length + 1, atMs: clock.now(), path, body, faults, status: undefined }
      requests.push(request)
      return request
    },
    record(about) {
      const recorder = recordSpoken(about)
      spoken.push(recorder.entry)
      return recorder
    },
  }
}
