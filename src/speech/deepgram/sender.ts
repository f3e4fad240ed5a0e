import type { Clock, Timer } from '../../ops/clock.ts'
import { addPart, createSegment, openSegment, type Segment } from './book.ts'
import type { Habits } from './habits.ts'
import type { Line } from './line.ts'
import type { Lines } from './lines.ts'
import { speakBytes } from './limits.ts'
import { flushMessage, speakMessage } from './protocol.ts'
import { firstPart, hasWord, sizeOf } from './text.ts'
import { isAllSent, nextToSend, type Utterance } from './utterance.ts'

/** A wait is not heard if this much more sound than it lasts is still to be played. */
const marginMs = 1500
/** How many utterances are under way at once, where `Flushed` is known to tell them apart. */
const ahead = 2
/** So many Flushes are kept for the ends of utterances; a writer's pauses take the others. */
const sparedFlushes = 5

export interface Sender {
  /** Sends what can be sent now, and sees to the rest later. */
  pump(): void
  stop(): void
}

/** Decides what is sent when: in order, within the limits, joined or on a fresh connection where those run short. */
export function createSender(
  lines: Lines,
  deps: {
    readonly clock: Clock
    readonly speed: number
    readonly queue: () => readonly Utterance[]
    readonly habits: Habits
    readonly bufferedMs: () => number
    /** Leaves the connection, on which nothing sounds yet, for a fresh one. */
    readonly moveAway: () => void
    /** Has `pump` called, and the timers set. */
    readonly schedule: () => void
  },
): Sender {
  const { clock, queue } = deps
  let timer: Timer | undefined

  function pump(): void {
    timer?.cancel()
    lines.promote()
    const line = lines.current
    while (line === lines.current && line.connected && line.book.clearingSince === undefined && step(line));
  }

  /** One message; whether another may follow. */
  function step(line: Line): boolean {
    const open = openSegment(line.book)
    return open ? goOn(line, open) : begin(line)
  }

  function begin(line: Line): boolean {
    const utterance = lines.draining ? undefined : nextToSend(queue())
    if (!utterance) return false
    const { segments } = line.book
    const others = segments.some(({ owners }) => !owners.includes(utterance))
    if (others && segments.length >= (deps.habits.flushed === 'last' ? ahead : 1)) return false
    const waitMs = line.flushes.waitMs(clock.now(), 1)
    if (waitMs > 0) return starve(waitMs)
    const segment = createSegment(utterance)
    if (!speak(line, segment, utterance)) return false
    segments.push(segment)
    return true
  }

  function goOn(line: Line, open: Segment): boolean {
    const writer = open.owners.at(-1)
    const writesOn = writer !== undefined && !writer.over && !isAllSent(writer)
    const pauses = writer?.paused && writer.unsent === '' && line.flushes.left(clock.now()) > sparedFlushes
    if (open.due || lines.draining || !writesOn || pauses) return join(line, open) || flush(line, open)
    if (writer.unsent === '') return false
    if (speak(line, open, writer)) return true
    // What is there is spoken where it is; the rest goes elsewhere.
    open.due = lines.preparing
    return open.due
  }

  function speak(line: Line, segment: Segment, utterance: Utterance): boolean {
    const now = clock.now()
    const part = firstPart(utterance.unsent)
    const rest = utterance.unsent.slice(part.length)
    // One space at the end keeps what follows apart; while more may be written the piece keeps its own.
    const text = utterance.inputEnded && !hasWord(rest) ? `${part.trimEnd()} ` : part
    const waitMs = line.text.waitMs(now, sizeOf(text))
    if (waitMs > 0) return starve(waitMs)
    line.text.take(now, sizeOf(text))
    line.link.send(speakMessage(text))
    utterance.stranded = undefined
    addPart(segment, utterance, text, deps.speed)
    utterance.unsent = rest
    return true
  }

  function flush(line: Line, open: Segment): boolean {
    const now = clock.now()
    const waitMs = line.flushes.waitMs(now, 1)
    if (waitMs > 0) {
      const silent = open.audioBytes === 0 && line.book.segments.length === 1
      if (silent && !open.owners.some(({ repeated }) => repeated) && !isUnheard(waitMs)) deps.moveAway()
      else wait(waitMs)
      return false
    }
    line.flushes.take(now, 1)
    line.link.send(flushMessage)
    open.open = false
    open.askedAt = now
    return true
  }

  /** With the last Flush of the minute, as much of what waits as fits is spoken under it. */
  function join(line: Line, open: Segment): boolean {
    const now = clock.now()
    const last = open.owners.at(-1)
    if (!last || open.ignoredAt !== undefined || !isAllSent(last) || line.flushes.left(now) !== 1) return false
    if (isUnheard(line.flushes.waitMs(now, 2))) return false
    const another = nextToSend(queue())
    if (!another?.inputEnded || open.owners.includes(another)) return false
    const together = open.parts.reduce((bytes, { text }) => bytes + sizeOf(text), sizeOf(another.unsent))
    if (together >= speakBytes || line.text.waitMs(now, sizeOf(another.unsent) + 1) > 0) return false
    return speak(line, open, another)
  }

  /** Nothing can be sent for so long: waits where that is not heard, else looks for a fresh connection. */
  function starve(waitMs: number): false {
    if (!isUnheard(waitMs)) lines.prepare()
    wait(waitMs)
    return false
  }

  function wait(waitMs: number): void {
    timer?.cancel()
    timer = clock.after(Math.max(1, waitMs), deps.schedule)
  }

  function isUnheard(waitMs: number): boolean {
    return waitMs + marginMs <= deps.bufferedMs()
  }

  return {
    pump,
    stop: () => timer?.cancel(),
  }
}
