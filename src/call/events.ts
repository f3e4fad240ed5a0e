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
  /** A mark came back. Only the latest is kept. */
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
const latestOnly: ReadonlySet<CallEvent['type']> = new Set(['progress', 'cache', 'recording', 'speech'])

/** @param now in milliseconds, on the clock of the call */
export function createTimeline(now: () => number): Timeline {
  return new CallTimeline(now)
}

class CallTimeline implements Timeline {
  readonly events: CallEvent[] = []
  readonly #now: () => number
  readonly #listeners = new Set<(event: CallEvent) => void>()
  #over = false
  #sequence = 0

  constructor(now: () => number) {
    this.#now = now
  }

  report(happening: CallHappening): void {
    if (this.#over && happening.type !== 'trouble') return
    if (happening.type === 'ended') this.#over = true
    this.#sequence++
    const event = eventOf(happening, this.#now(), this.#sequence)
    if (latestOnly.has(event.type)) forgetFormer(this.events, event.type)
    this.events.push(event)
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch {
        this.#listeners.delete(listener)
      }
    }
  }

  watch(listener: (event: CallEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

function eventOf(happening: CallHappening, atMs: number, sequence: number): CallEvent {
  // Comes with each mark that comes back. What is added to a spread stands apart, in one object more.
  if (happening.type === 'progress') {
    const { heardMs, sentMs, complete } = happening
    return { atMs, sequence, type: 'progress', heardMs, sentMs, complete }
  }
  return { ...happening, atMs, sequence }
}

function forgetFormer(events: CallEvent[], type: CallEvent['type']): void {
  for (let place = events.length - 1; place >= 0; place--) {
    if (events[place]?.type !== type) continue
    // Nearly always it is the last one.
    if (place === events.length - 1) events.pop()
    else events.splice(place, 1)
    return
  }
}
