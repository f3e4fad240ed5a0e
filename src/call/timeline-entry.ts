import type { BridgeError } from '../errors.ts'
import type { CallEvent } from './events.ts'

/**
 * An event of a call as it is kept and shown. Pressed keys and spoken text are left out: they stand in the outcome
 * only, so that a stream of events may be passed on to a screen.
 */
export interface TimelineEntry {
  readonly sequence: number
  /** ISO 8601, UTC. */
  readonly at: string
  readonly type: CallEvent['type']
  readonly callSid?: string
  readonly afterAnswerMs?: number
  readonly heardMs?: number
  readonly sentMs?: number
  readonly complete?: boolean
  readonly audioMs?: number
  readonly hits?: number
  readonly shared?: number
  readonly misses?: number
  readonly reason?: string
  readonly from?: string
  readonly to?: string | null
  readonly error?: { readonly code: string; readonly message: string; readonly retryable: boolean }
}

export function timelineEntry(event: CallEvent): TimelineEntry {
  // No spread: an object that is spread and added to is two.
  const { sequence } = event
  const at = new Date(event.atMs).toISOString()
  switch (event.type) {
    case 'queued':
      return { sequence, at, type: event.type, callSid: event.callSid }
    case 'first-audio':
      return { sequence, at, type: event.type, afterAnswerMs: Math.round(event.afterAnswerMs) }
    case 'prepared':
    case 'recording':
      return { sequence, at, type: event.type, audioMs: event.audioMs }
    case 'cache':
      return { sequence, at, type: event.type, hits: event.hits, shared: event.shared, misses: event.misses }
    case 'progress':
      return { sequence, at, type: event.type, heardMs: event.heardMs, sentMs: event.sentMs, complete: event.complete }
    case 'heard':
    case 'interrupted':
      return { sequence, at, type: event.type, heardMs: event.heardMs }
    case 'failover':
      return { sequence, at, type: event.type, from: event.from, to: event.to, error: told(event.error) }
    case 'trouble':
      return { sequence, at, type: event.type, error: told(event.error) }
    case 'ended':
      return { sequence, at, type: event.type, reason: event.reason }
    default:
      return { sequence, at, type: event.type }
  }
}

function told({ code, message, retryable }: BridgeError): NonNullable<TimelineEntry['error']> {
  return { code, message, retryable }
}

/** How many entries a record keeps: a long dialogue has thousands of events. */
const keptEntries = 200

/** The steps of a call worth keeping: all but the progress of playback, and of very many the first and the last. */
export function timelineOf(events: readonly CallEvent[]): readonly TimelineEntry[] {
  const steps = events.filter((event) => event.type !== 'progress')
  const kept =
    steps.length <= keptEntries
      ? steps
      : [...steps.slice(0, keptEntries / 2), ...steps.slice(steps.length - keptEntries / 2)]
  return kept.map(timelineEntry)
}
