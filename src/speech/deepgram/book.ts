import { shortestSpeechMs } from '../shortest-speech.ts'
import { isPlausible, type Progress } from './ending.ts'
import type { Utterance } from './utterance.ts'

/** What one Flush ends: the text of an utterance, a part of one, or that of several joined. Changed in place. */
export interface Segment extends Mutable<Progress> {
  /** Whose text it is, in order. The audio goes to the first. */
  owners: Utterance[]
  /** What was sent, to be sent again where it is lost before it sounded. */
  parts: { readonly owner: Utterance; readonly text: string }[]
  /** Of several utterances; stays so when one of them is cancelled. */
  joined: boolean
  /** Its Flush is still to be sent. */
  open: boolean
  /** Its Flush is to be sent although more text may follow. */
  due: boolean
  /** Since when its Flush is being ignored. */
  ignoredAt: number | undefined
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export function createSegment(owner: Utterance): Segment {
  return {
    owners: [owner],
    parts: [],
    joined: false,
    open: true,
    due: false,
    ignoredAt: undefined,
    expectedMs: 0,
    audioBytes: 0,
    audioAt: undefined,
    askedAt: undefined,
    flushedAt: undefined,
  }
}

/** Notes a text that was sent. @param speed how fast the voice speaks, 1 being its own pace */
export function addPart(segment: Segment, owner: Utterance, text: string, speed: number): void {
  segment.parts.push({ owner, text })
  segment.expectedMs += shortestSpeechMs(text) / Math.max(1, speed)
  if (segment.owners.includes(owner)) return
  segment.owners.push(owner)
  segment.joined = true
}

/**
 * What is under way on one connection, in the order in which it was sent. Deepgram's audio bears no id: whose it is
 * follows from counting `Flushed` and `Cleared` alone.
 */
export interface Book {
  segments: Segment[]
  /** Since when a Clear is not answered: all audio until then is of what was dropped. */
  clearingSince: number | undefined
  /** Cleared came, but audio may follow it. */
  clearedAt: number | undefined
  /** Flushes from before a Clear that were not answered. They may be all the same. */
  stale: number
  /** The last thing that came was a Flushed that ended all there was: audio now says that it was early. */
  flushedLast: boolean
}

export function createBook(): Book {
  return { segments: [], clearingSince: undefined, clearedAt: undefined, stale: 0, flushedLast: false }
}

export function openSegment(book: Book): Segment | undefined {
  return book.segments.find((segment) => segment.open)
}

/** The segment that a Flushed ends; undefined where it answers one that was dropped. */
export function flushedSegment(book: Book): Segment | undefined {
  const [head] = book.segments
  const answersIt = book.clearingSince === undefined && head?.askedAt !== undefined
  if (head && answersIt && (book.stale === 0 || isPlausible(head))) return head
  book.stale = Math.max(0, book.stale - 1)
  return undefined
}

/** Takes the first segment out; the next one's turn begins. */
export function endFirst(book: Book, nowMs: number): void {
  const ended = book.segments.shift()
  const [head] = book.segments
  if (head?.askedAt !== undefined) head.askedAt = Math.max(head.askedAt, nowMs)
  if (ended?.flushedAt === undefined) book.stale++
  else book.stale = 0
  book.flushedLast = ended?.flushedAt !== undefined && head === undefined
}

/** A Clear is sent: nothing that was under way comes any more. Returns what that was. */
export function clearBook(book: Book, nowMs: number): Segment[] {
  const dropped = emptyBook(book)
  book.stale += dropped.filter(
    ({ askedAt, flushedAt, open }) => askedAt !== undefined && flushedAt === undefined && !open,
  ).length
  book.clearingSince ??= nowMs
  return dropped
}

/** The connection is gone, or left. Returns what was under way. */
export function emptyBook(book: Book): Segment[] {
  const dropped = book.segments
  book.segments = []
  book.flushedLast = false
  return dropped
}

/**
 * The service ignored a Flush: the last one that it has not answered. What was sent behind it, and whose Flush was
 * ignored too, stands in the same text now and ends with it.
 */
export function ignoreFlush(book: Book, nowMs: number): void {
  const at = book.segments.findLastIndex(
    ({ askedAt, flushedAt, open }) => askedAt !== undefined && flushedAt === undefined && !open,
  )
  const segment = book.segments[at]
  if (!segment) return
  for (const later of book.segments.splice(at + 1)) {
    segment.parts.push(...later.parts)
    segment.owners.push(...later.owners.filter((owner) => !segment.owners.includes(owner)))
    segment.expectedMs += later.expectedMs
    segment.joined ||= segment.owners.length > 1
  }
  segment.open = true
  segment.due = true
  segment.ignoredAt ??= nowMs
  segment.askedAt = undefined
}

/** Gives the text of what was dropped back to its utterances. */
export function takeBack(segments: readonly Segment[]): void {
  for (const { parts } of segments.toReversed())
    for (const { owner, text } of parts.toReversed()) if (!owner.over) owner.unsent = text + owner.unsent
}
