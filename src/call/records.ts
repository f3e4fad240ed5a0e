import type { Outcome } from './outcome.ts'
import type { TimelineEntry } from './timeline-entry.ts'

/** What is kept of a call, from before it is dialled to its outcome. It survives the process. */
export interface CallRecord {
  readonly callId: string
  /** Twilio's id; null until it is known. */
  readonly callSid: string | null
  readonly direction: 'outbound' | 'inbound'
  /** E.164. Private, as the outcome is: the store keeps them, logs never do. */
  readonly to: string
  readonly from: string
  readonly flow: string
  readonly state: CallState
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly updatedAt: string
  /** The key of the request that made the call, for repeating it without dialling again. */
  readonly idempotencyKey: string | null
  /** SHA-256 of that request: the key must not be used for another one. */
  readonly requestDigest: string | null
  /** What had happened when the record was saved; without the steps of playback. */
  readonly timeline: readonly TimelineEntry[]
  readonly outcome: Outcome | null
}

/** `ended` is the state of a call whose outcome is known; not before. */
export type CallState = 'dialling' | 'ringing' | 'answered' | 'streaming' | 'ended'

export interface CallFilter {
  readonly state?: CallState | undefined
  readonly to?: string | undefined
  /** Records after this callId in the order of the list; none when it is not known. */
  readonly after?: string | undefined
  readonly limit: number
}

/** Where call records are kept. One process writes a record; any may read it. */
export interface CallRecords {
  /**
   * What is saved can be found at once. Resolves when the record is safe (on disk, in a database).
   * Rejects with `records.unwritable` when it could not be written: the call goes on.
   */
  save(record: CallRecord): Promise<void>
  find(callId: string): CallRecord | undefined
  byIdempotencyKey(key: string): CallRecord | undefined
  /** Newest first. */
  list(filter: CallFilter): readonly CallRecord[]
  /** Records of calls that an earlier process, now dead, did not finish; fewer as they are saved as ended. */
  unfinished(): readonly CallRecord[]
  /** Whether what is saved is safe now. False from the first failed write until one succeeds again. */
  readonly healthy: boolean
  /** Waits for what is being written. Idempotent. */
  close(): Promise<void>
}
