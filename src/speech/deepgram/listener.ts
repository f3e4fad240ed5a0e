import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { SpeechEnd } from '../provider.ts'
import { clearBook, emptyBook, endFirst, flushedSegment, ignoreFlush, type Segment, takeBack } from './book.ts'
import { isConfirmed, isPlausible } from './ending.ts'
import { frameError } from './errors.ts'
import type { Habits } from './habits.ts'
import type { Lines } from './lines.ts'
import { clearMessage, type ServerFrame } from './protocol.ts'
import { doneOf, type Utterance } from './utterance.ts'

/** A Flush that was ignored is sent again after this time. */
const flushAgainMs = 5000

/** Takes what comes back, and gives audio and ends to the utterances they belong to. */
export interface Listener {
  frame(frame: ServerFrame): void
  lost(error: BridgeError, closeCode: number | undefined): void
  /** All of the first segment's audio is there. */
  end(segment: Segment): void
  /** The first segment did not come whole: nothing more is expected of the connection either. */
  fail(segment: Segment, error: BridgeError): void
  /** No audio followed a Cleared: what comes from now on is of what is sent from now on. */
  resume(): void
  /** Leaves the connection; what was under way is said on another. */
  replace(): void
  /** The same, but once only for each utterance. */
  moveAway(): void
  /** Has the service drop what it is speaking, if nobody wants it any more. */
  dropUnwanted(): void
  /** Why there is no connection, if there is none. */
  readonly connectionError: BridgeError | undefined
  readonly counts: Readonly<Record<string, number>>
}

export function createListener(
  lines: Lines,
  deps: {
    readonly clock: Clock
    readonly log: Log
    readonly habits: Habits
    readonly finish: (utterance: Utterance, end: SpeechEnd) => void
    readonly isSpoken: (utterance: Utterance) => boolean
    readonly schedule: () => void
    /** Sets the timers anew, after something that may bring an end nearer. */
    readonly watch: () => void
  },
): Listener {
  const { clock, log, habits, finish, schedule } = deps
  const counts = { strayFrames: 0, unknownFrames: 0, malformedFrames: 0, warnings: 0 }
  let connectionError: BridgeError | undefined

  function onAudio(payload: string, audioBytes: number): void {
    const { book } = lines.current
    // While a Clear is not answered nothing is under way: all that comes is of what was dropped.
    const [segment] = book.segments
    if (!segment) {
      counts.strayFrames++
      if (book.flushedLast) habits.disproven('flushed')
      if (book.clearedAt === undefined) return
      // Nobody can tell how much more of it comes.
      habits.disproven('cleared')
      return replace()
    }
    // A Flushed before any audio was not this one's: it came twice, or answered nothing.
    if (segment.audioBytes === 0) segment.flushedAt = undefined
    else if (segment.flushedAt !== undefined && book.segments.length === 1) habits.disproven('flushed')
    const decided = segment.audioBytes > 0 && isPlausible(segment)
    segment.audioBytes += audioBytes
    segment.audioAt = clock.now()
    // Only these may bring the end nearer than the timer stands.
    if (!decided) deps.watch()
    const [speaker] = segment.owners
    if (speaker && !speaker.over) speaker.sink.audio(payload, audioBytes)
  }

  function onFlushed(): void {
    const segment = flushedSegment(lines.current.book)
    if (!segment) return
    segment.flushedAt = clock.now()
    if (isPlausible(segment) && habits.flushed === 'last') end(segment)
    else deps.watch()
  }

  function onCleared(): void {
    const { book } = lines.current
    if (book.clearingSince === undefined) return
    book.clearedAt ??= clock.now()
    deps.watch()
  }

  function resume(): void {
    const { book } = lines.current
    book.clearingSince = undefined
    book.clearedAt = undefined
    schedule()
  }

  function onWarning(code: string | undefined): void {
    const deepgramCode = code !== undefined && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : 'UNREADABLE'
    if (counts.warnings++ === 0) log.warn({ deepgramCode }, 'the speech service warns')
    if (deepgramCode !== 'EXCESSIVE_FLUSH') return
    const { book, flushes } = lines.current
    ignoreFlush(book, clock.now())
    flushes.block(clock.now() + flushAgainMs)
    schedule()
  }

  function end(segment: Segment): void {
    const { book } = lines.current
    const confirmed = isConfirmed(segment, habits.flushed)
    endFirst(book, clock.now())
    if (segment.flushedAt === undefined) {
      habits.missing()
      // Audio that still comes must not be taken for the next one's.
      clear()
    } else if (isPlausible(segment) && (segment.audioAt ?? 0) <= segment.flushedAt) habits.proven()
    for (const owner of segment.owners) {
      owner.unconfirmed ||= !confirmed
      if (segment.joined) finish(owner, { ...doneOf(owner), joined: true })
      else if (deps.isSpoken(owner)) finish(owner, doneOf(owner))
    }
    schedule()
  }

  function fail({ owners: [speaker] }: Segment, error: BridgeError): void {
    const dropped = emptyBook(lines.current.book)
    lines.replace()
    if (speaker) finish(speaker, { kind: 'failed', error })
    takeBack(dropped)
    schedule()
  }

  function replace(): void {
    takeBack(emptyBook(lines.current.book))
    lines.replace()
    schedule()
  }

  function clear(): void {
    const { book, link, connected } = lines.current
    if (!connected || book.clearingSince !== undefined) return
    // Its Cleared would not say from when on the audio is another's.
    if (habits.audioAfterCleared) return replace()
    link.send(clearMessage)
    takeBack(clearBook(book, clock.now()))
    schedule()
  }

  return {
    counts,
    get connectionError() {
      return connectionError
    },
    frame(frame) {
      switch (frame.kind) {
        case 'audio':
          return onAudio(frame.payload, frame.audioBytes)
        case 'flushed':
          return onFlushed()
        case 'cleared':
          return onCleared()
        case 'warning':
          return onWarning(frame.code)
        case 'error':
          return lines.current.link.lose(frameError(frame.code))
        case 'metadata':
          return
        case 'unknown':
          counts.unknownFrames++
          return
        case 'malformed':
          if (counts.malformedFrames++ === 0)
            log.warn({}, 'the speech service sent what cannot be read; it is left out')
      }
    },
    lost(error, closeCode) {
      connectionError = error
      const dropped = emptyBook(lines.current.book)
      const [head] = dropped
      const [speaker] = head?.owners ?? []
      if (head && speaker && !speaker.over) {
        const orderly = closeCode === 1000 || closeCode === 1005
        const whole = head.audioBytes > 0 && isPlausible(head) && !head.open
        if (whole && (orderly || head.flushedAt !== undefined)) {
          takeBack(dropped.splice(1))
          lines.current.book.segments = dropped.splice(0)
          end(head)
        } else if (head.audioBytes > 0 || speaker.repeated) finish(speaker, { kind: 'failed', error })
        else speaker.repeated = true
      }
      takeBack(dropped)
      schedule()
    },
    end,
    fail,
    resume,
    replace,
    moveAway() {
      for (const { owners } of lines.current.book.segments) for (const owner of owners) owner.repeated = true
      replace()
    },
    dropUnwanted() {
      const [head] = lines.current.book.segments
      if (!head) return
      // Once it sounds, the words of one that was joined to another cannot be told from that one's.
      const [speaker] = head.owners
      if (speaker?.over || (head.audioBytes === 0 && head.owners.some(({ over }) => over))) clear()
    },
  }
}
