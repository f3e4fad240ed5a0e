import type { IncidentAt } from '../incidents.ts'
import type { FatalCode } from './closes.ts'
import { doneFrame } from './server-frames.ts'

/** A frame no client should need, and every client must survive. */
export type OddFrame =
  | 'unknown-json'
  | 'not-an-object'
  | 'malformed-json'
  | 'no-type'
  | 'wrong-types'
  | 'prototype-keys'
  | 'deep-json'
  | 'empty'
  | 'empty-binary'
  | 'json-as-binary'
  | 'huge'
  | 'huge-binary'
  | 'stray-audio'
  | 'stray-flushed'
  | 'stray-cleared'

export type Happening =
  /** One of the documented ends of a socket. */
  | { readonly kind: 'fatal'; readonly code: FatalCode }
  /** A frame of type Error, after which the socket stays open and what it came upon is abandoned. */
  | { readonly kind: 'error'; readonly code: string; readonly message?: string }
  | { readonly kind: 'warning'; readonly code: string; readonly message?: string }
  /** The message is taken in, and nothing becomes of it; of a text that is being spoken, nothing more comes. */
  | { readonly kind: 'lose' }
  /** `bytes` counts for the huge ones only (default 8 MiB). */
  | { readonly kind: 'frame'; readonly frame: OddFrame; readonly bytes?: number }
  /** TCP ends without a close frame; `reset` with an RST. */
  | { readonly kind: 'drop'; readonly reset?: boolean }
  | { readonly kind: 'close'; readonly code: number; readonly reason?: string }
  /** The voice falls silent until the next Clear; everything else is answered. */
  | { readonly kind: 'stuck' }
  /** Nothing is sent any more, not even a pong; what the client says is still taken in. */
  | { readonly kind: 'stall' }
  /** As if the network were gone: nothing is sent and nothing is read, while the socket stays. */
  | { readonly kind: 'freeze' }
  /** Over HTTP only: the error body of this status. */
  | { readonly kind: 'refuse'; readonly status: number }

/**
 * Right after the handshake; at a Speak, a Flush or a Clear; behind a binary frame. Over HTTP: at a request for
 * speech; behind a chunk of a body.
 */
export type Incident = IncidentAt<'connect' | 'speak' | 'flush' | 'clear' | 'audio' | 'request' | 'body', Happening>

const hugeBytes = 8 * 1024 * 1024
const strayAudio = new Uint8Array(160).fill(0xa5)

const oddFrames: Record<OddFrame, (bytes: number) => string | Uint8Array> = {
  'unknown-json': () => JSON.stringify({ type: 'Telemetry', queue: 3, text: 'nothing you know' }),
  'not-an-object': () => '[null]',
  'malformed-json': () => doneFrame('Flushed', 0).slice(0, -4),
  'no-type': () => JSON.stringify({ sequence_id: 0 }),
  'wrong-types': () => JSON.stringify({ type: 'Flushed', sequence_id: { length: 1 } }),
  'prototype-keys': () =>
    '{"__proto__":{"type":"Flushed"},"constructor":{"prototype":{"type":"Flushed"}},"type":"constructor"}',
  'deep-json': () => `{"type":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  empty: () => '',
  'empty-binary': () => new Uint8Array(),
  'json-as-binary': () => Buffer.from(doneFrame('Flushed', 0)),
  huge: (bytes) => JSON.stringify({ type: 'Debug', padding: 'x'.repeat(bytes) }),
  'huge-binary': (bytes) => new Uint8Array(bytes).fill(0xa5),
  'stray-audio': () => strayAudio,
  'stray-flushed': () => doneFrame('Flushed', 99),
  'stray-cleared': () => doneFrame('Cleared', 99),
}

export const oddFrameNames: readonly string[] = Object.keys(oddFrames)

/** What goes over the wire for an odd frame; a `Uint8Array` goes as a binary one. */
export function oddFrame(frame: OddFrame, bytes = hugeBytes): string | Uint8Array {
  return oddFrames[frame](bytes)
}
