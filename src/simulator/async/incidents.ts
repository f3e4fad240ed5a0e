import { randomUUID } from 'node:crypto'
import type { IncidentAt } from '../incidents.ts'
import type { ErrorDetail } from './error-frames.ts'
import { audioFrame } from './server-frames.ts'

/** A frame no client should need, and every client must survive. */
export type OddFrame =
  | 'unknown-json'
  | 'not-an-object'
  | 'malformed-json'
  | 'not-base64'
  | 'wrong-types'
  | 'prototype-keys'
  | 'deep-json'
  | 'empty'
  | 'binary'
  | 'huge'
  | 'unknown-context'

export type Happening =
  /**
   * An error frame. `afterwards`: `close` the socket; `abandon` what it came upon (a transcript is refused, the
   * rest of a context's audio dropped without `final`, an init not accepted); or `go-on` as if nothing had been.
   * By default `close` at connect and init, `abandon` at a transcript or amid audio.
   */
  | ({
      readonly kind: 'error'
      readonly afterwards?: 'close' | 'abandon' | 'go-on'
      readonly withContextId?: boolean
    } & ErrorDetail)
  /** `bytes` counts for `huge` only (default 8 MiB). */
  | { readonly kind: 'frame'; readonly frame: OddFrame; readonly bytes?: number }
  /** TCP ends without a close frame; `reset` with an RST. */
  | { readonly kind: 'drop'; readonly reset?: boolean }
  | { readonly kind: 'close'; readonly code: number; readonly reason?: string }
  /** Nothing is sent any more, not even a pong; what the client says is still taken in. */
  | { readonly kind: 'stall' }
  /** As if the network were gone: nothing is sent and nothing is read, while the socket stays. */
  | { readonly kind: 'freeze' }

/**
 * Right after the handshake; at the init message; at a transcript with words; behind an audio frame. Over HTTP: at a
 * request for speech; behind a chunk of a streamed body; at a request about voices.
 */
export type Incident = IncidentAt<
  'connect' | 'init' | 'transcript' | 'audio' | 'request' | 'body' | 'voices',
  Happening
>

const hugeBytes = 8 * 1024 * 1024
const strayAudio = new Uint8Array(160).fill(0xa5)

const oddFrames: Record<OddFrame, (contextId: string, bytes: number) => string | Uint8Array> = {
  'unknown-json': (contextId) =>
    JSON.stringify({ event: 'metrics', context_id: contextId, queue: 3, text: 'nothing you know' }),
  'not-an-object': () => '[null]',
  'malformed-json': (contextId) => audioFrame(contextId, strayAudio).slice(0, -20),
  'not-base64': (contextId) => JSON.stringify({ context_id: contextId, audio: '%%% not base64 %%%', final: false }),
  'wrong-types': (contextId) => JSON.stringify({ context_id: contextId, audio: { length: 160 }, final: 'yes' }),
  'prototype-keys': () => '{"__proto__":{"final":true},"constructor":{"prototype":{"final":true}},"event":"prototype"}',
  'deep-json': () => `{"event":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  empty: () => '',
  binary: () => strayAudio,
  huge: (_contextId, bytes) => JSON.stringify({ event: 'debug', padding: 'x'.repeat(bytes) }),
  'unknown-context': () => audioFrame(randomUUID(), strayAudio),
}

/** What goes over the wire for an odd frame; a `Uint8Array` goes as a binary one. */
export function oddFrame(frame: OddFrame, contextId: string, bytes = hugeBytes): string | Uint8Array {
  return oddFrames[frame](contextId, bytes)
}
