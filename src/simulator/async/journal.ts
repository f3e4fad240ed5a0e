import type { Clock } from '../clock.ts'
import type { ClientMessage, FaultCode, MessageFault, ParsedMessage } from './client-messages.ts'
import { recordSpoken, type Spoken, type SpokenRecorder } from './spoken.ts'

export interface ClientFault extends MessageFault {
  /** From 1; 0 for a handshake that was not accepted, and for HTTP. */
  readonly connection: number
  readonly atMs: number
}

export interface ReceivedMessage {
  readonly connection: number
  readonly atMs: number
  readonly kind: ClientMessage['kind']
  /** The JSON value; the beginning of what was none; `undefined` for a binary frame. */
  readonly message: unknown
  /** `ok`, or the first of `faults`. */
  readonly verdict: 'ok' | FaultCode
  readonly faults: readonly FaultCode[]
}

/** A request for speech over HTTP. */
export interface SpeechRequest {
  /** From 1. */
  readonly number: number
  readonly atMs: number
  readonly path: string
  /** The JSON value; `undefined` when it was none. */
  readonly body: unknown
  readonly faults: readonly FaultCode[]
  /** What it was answered with, `undefined` when it was not. */
  status: number | undefined
}

/** A request about voices. */
export interface VoiceRequest extends SpeechRequest {
  readonly method: string
}

/** What the service saw and said, for tests to look at. */
export interface Journal {
  readonly received: readonly ReceivedMessage[]
  readonly faults: readonly ClientFault[]
  readonly spoken: readonly Spoken[]
  readonly requests: readonly SpeechRequest[]
  readonly voiceRequests: readonly VoiceRequest[]
  blame(connection: number, found: readonly MessageFault[]): void
  take(connection: number, parsed: ParsedMessage): void
  takeRequest(path: string, body: unknown, found: readonly MessageFault[]): SpeechRequest
  takeVoiceRequest(
    request: { method: string; path: string; body: unknown },
    found: readonly MessageFault[],
  ): VoiceRequest
  record(connection: number, contextId: string, transcript: string): SpokenRecorder
}

export function createJournal(clock: Clock): Journal {
  const received: ReceivedMessage[] = []
  const faults: ClientFault[] = []
  const spoken: Spoken[] = []
  const requests: SpeechRequest[] = []
  const voiceRequests: VoiceRequest[] = []

  function blame(connection: number, found: readonly MessageFault[]): void {
    for (const fault of found) faults.push({ ...fault, connection, atMs: clock.now() })
  }

  return {
    received,
    faults,
    spoken,
    requests,
    voiceRequests,
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
    takeVoiceRequest(seen, found) {
      blame(0, found)
      const faults = found.map((fault) => fault.code)
      const request = { ...seen, number: voiceRequests.length + 1, atMs: clock.now(), faults, status: undefined }
      voiceRequests.push(request)
      return request
    },
    record(connection, contextId, transcript) {
      const recorder = recordSpoken(connection, contextId, transcript)
      spoken.push(recorder.entry)
      return recorder
    },
  }
}
