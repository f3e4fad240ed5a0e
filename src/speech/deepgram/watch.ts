import { bytesToMs } from '../../audio/duration.ts'
import type { BridgeError } from '../../errors.ts'
import type { Clock, Timer } from '../../ops/clock.ts'
import type { SpeechEnd } from '../provider.ts'
import type { Segment } from './book.ts'
import { type Ending, endingIfSilent } from './ending.ts'
import { neverFlushed, overLimit, stalled, unreachable } from './errors.ts'
import type { Habits } from './habits.ts'
import type { Lines } from './lines.ts'
import type { Listener } from './listener.ts'
import { hasWord } from './text.ts'
import type { Utterance } from './utterance.ts'

const notSentMs = 10_000
const clearedWithinMs = 1000
/** After a Cleared, to see that no audio follows it. */
const quietAfterClearedMs = 150

export interface Watch {
  /** Sets the timer anew, after something that may bring an end nearer. */
  set(): void
  stop(): void
}

/** Sees to what silence means: one timer, for whatever it would end next. */
export function createWatch(
  lines: Lines,
  deps: {
    readonly clock: Clock
    readonly habits: Habits
    readonly queue: () => readonly Utterance[]
    readonly bufferedMs: () => number
    readonly finish: (utterance: Utterance, end: SpeechEnd) => void
    readonly listener: Listener
  },
): Watch {
  const { clock, listener } = deps
  let timer: Timer | undefined
  let stopped = false

  /** Audio does not touch the timer: it looks again when it fires. */
  function set(): void {
    timer?.cancel()
    timer = undefined
    const next = stopped ? undefined : ifSilent()
    if (next) timer = clock.after(Math.max(0, next.atMs - clock.now()), look)
  }

  function look(): void {
    const due = ifSilent()
    if (due && due.atMs <= clock.now()) due.act()
    set()
  }

  function ifSilent(): { readonly atMs: number; act(): void } | undefined {
    const { book, connected } = lines.current
    const [head] = book.segments
    if (!head && book.clearingSince === undefined) return ifNotSent(connected)
    if (book.clearedAt !== undefined)
      return { atMs: book.clearedAt + quietAfterClearedMs, act: () => listener.resume() }
    if (book.clearingSince !== undefined)
      return { atMs: book.clearingSince + clearedWithinMs, act: () => listener.replace() }
    const ending = head && endingIfSilent(head, deps.habits.flushed)
    if (!ending) return undefined
    // While the Flush is being asked again, what was passed on before may be played.
    const heardLaterMs = ending.kind === 'never-flushed' ? deps.bufferedMs() : 0
    return { atMs: ending.atMs + heardLaterMs, act: () => conclude(head, ending.kind) }
  }

  function conclude(segment: Segment, kind: Ending['kind']): void {
    if (kind === 'done') listener.end(segment)
    else listener.fail(segment, kind === 'stalled' ? silence(segment) : neverFlushed())
  }

  /** Nothing is under way, though there is something to say. */
  function ifNotSent(connected: boolean) {
    const [waiting] = deps.queue()
    if (!waiting || !hasWord(waiting.unsent)) return undefined
    const now = clock.now()
    if (waiting.stranded?.connected !== connected) waiting.stranded = { connected, sinceMs: now }
    const atMs = waiting.stranded.sinceMs + notSentMs + (connected ? deps.bufferedMs() : 0)
    const why = () => (connected ? overLimit() : (listener.connectionError ?? unreachable(undefined)))
    return { atMs, act: () => deps.finish(waiting, { kind: 'failed', error: why() }) }
  }

  function silence(segment: Segment): BridgeError {
    const now = clock.now()
    const silentMs = Math.round(now - (segment.audioAt ?? segment.askedAt ?? now))
    return stalled({ audioMs: bytesToMs(segment.audioBytes), silentMs })
  }

  return {
    set,
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}
