import type { RefusalReason } from '../call/registry.ts'

/** Whoever counts what the edge turns away. */
export interface EdgeObserver {
  webhookRefused(reason: 'unsigned' | 'malformed'): void
  mediaSocketRefused(reason: RefusalReason | 'unsigned' | 'no-start' | 'second-stream'): void
  /** A message of a media stream could not be read and was left out. */
  malformedMessage(): void
}

export const blindEdge: EdgeObserver = { webhookRefused() {}, mediaSocketRefused() {}, malformedMessage() {} }
