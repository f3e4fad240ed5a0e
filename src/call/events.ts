import type { BridgeError } from '../errors.ts'
import type { EndReason } from './outcome.ts'

/** What happens in a call, in the order it happens, for whoever watches: a terminal, a log, an API. */
export type CallEvent = {
  readonly atMs: number
  /** Grows with every event of the call, from 1; replaced progress and counts leave gaps. */
  readonly sequence: number
} & (
  | { readonly type: 'dialling' }
  | { readonly type: 'queued'; readonly callSid: string }
  | { readonly type: 'ringing' }
  | { readonly type: 'answered' }
  | { readonly type: 'streaming' }
  | { readonly type: 'voicemail' }
  /** What will be said first is rendered, so much of it. */
  | { readonly type: 'prepared'; readonly audioMs: number }
  /** Sentences so far that were found rendered, were being rendered for somebody else, or had to be made. */
  | { readonly type: 'cache'; readonly hits: number; readonly shared: number; readonly misses: number }
  | { readonly type: 'first-audio'; readonly afterAnswerMs: number }
  | { readonly type: 'progress'; readonly heardMs: number; readonly sentMs: number; readonly complete: boolean }
  | { readonly type: 'heard'; readonly heardMs: number }
  | { readonly type: 'interrupted'; readonly heardMs: number }
  | { readonly type: 'key'; readonly digit: string }
  /** The callee speaks, and is recorded: so much by now. Only the latest is kept. */
  | { readonly type: 'recording'; readonly audioMs: number }
  /** The callee says words to a flow that listens, told once a second. Only the latest is kept. */
  | { readonly type: 'speech' }
  /** Another voice goes on, or none is left (`to` is null). `twilio` is Twilio's own. */
  | { readonly type: 'failover'; readonly from: string; readonly to: string | null; readonly error: BridgeError }
  /** Everything was heard, and Twilio is to connect another number. */
  | { readonly type: 'transferring' }
  | { readonly type: 'trouble'; readonly error: BridgeError }
  | { readonly type: 'ended'; readonly reason: EndReason }
)

/** An event as it is reported; the timeline adds the time and the number. */
export type CallHappening = CallEvent extends infer Event
  ? Event extends CallEvent
    ? Omit<Event, 'atMs' | 'sequence'>
    : never
  : never

export interface Timeline {
  /** After `ended` only `trouble` is still news: what comes in late is no part of the call. */
  report(happening: CallHappening): void
  /** Calls `listener` with every event from now on. A listener that throws disturbs nobody. Returns the way out. */
  watch(listener: (event: CallEvent) => void): () => void
  readonly events: readonly CallEvent[]
}

/** There are many of them, and the latest tells what the others did. */
const latestOnly: ReadonlySet<CallEvent['type']> = new Set(['cache', 'recording', 'speech'])

function forgetFormer(events: CallEvent[], of: CallEvent['type']): void {
  const place = events.findLastIndex(({ type }) => type === of)
  if (place >= 0) events.splice(place, 1)
}

/** @param now in milliseconds, on the clock of the call */
export function createTimeline(now: () => number): Timeline {
  const events: CallEvent[] = []
  const listeners = new Set<(event: CallEvent) => void>()
  let over = false
  let sequence = 0
  return {
    report(happening) {
      if (over && happening.type !== 'trouble') return
      over ||= happening.type === 'ended'
      const event = { ...happening, atMs: now(), sequence: ++sequence }
      // Only the last progress is worth keeping: a long call has thousands.
      if (event.type === 'progress' && events.at(-1)?.type === 'progress') events.pop()
      if (latestOnly.has(event.type)) forgetFormer(events, event.type)
      events.push(event)
      for (const listener of listeners) {
        try {
          listener(event)
        } catch {
          listeners.delete(listener)
        }
      }
    },
    watch(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    events,
  }
}
