import type { RefusalReason } from '../call/registry.ts'

/** Why something at the door was not let in. */
export type Refusal =
  | RefusalReason
  | 'unsigned-webhook'
  | 'malformed-webhook'
  | 'unsigned-handshake'
  | 'no-start'
  | 'second-stream'

/** Whoever counts what the edge turns away. */
export interface EdgeObserver {
  refused(reason: Refusal): void
  /** A message of a media stream could not be read and was left out. */
  malformedMessage(): void
}

export const blindEdge: EdgeObserver = { refused() {}, malformedMessage() {} }
