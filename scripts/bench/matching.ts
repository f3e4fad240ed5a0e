import { type Faults, noFaults } from './faults.ts'
import { readHead, type Voice } from './sound.ts'

/** What was sent of one stream, chunk by chunk. */
export interface Tape {
  readonly stream: number
  /** When each chunk was written, in milliseconds of the one clock. */
  readonly sentAtMs: number[]
  /** The places at which something new begins to be said. */
  readonly begins: Set<number>
}

export interface Matcher {
  /** A frame's payload came. It may hold a chunk, a part of one, or several. */
  took(payload: string, atMs: number): void
  /** What was sent up to now need not come: the line was cleared. The next sound has to begin something new. */
  cut(): void
  /** Chunks that were sent and have not come. */
  readonly missing: number
  readonly chunks: number
  readonly faults: Readonly<Faults>
}

/**
 * Holds what a phone gets against what the speech service sent, to the bit. Pure.
 *
 * @param deps `claim` finds the tape of a stream; each can be claimed once, so that no two phones hear the same
 * @param deps.completed told of every chunk whose last byte came, with how long it took
 */
export function createMatcher(
  voice: Voice,
  deps: {
    readonly claim: (stream: number) => Tape | undefined
    /** Whoever begins to listen in the midst of a stream has lost nothing before. */
    readonly fromAnywhere?: boolean
    readonly completed: (delayMs: number, atMs: number, begins: boolean) => void
  },
): Matcher {
  const faults = noFaults()
  let tape: Tape | undefined
  let place = 0
  /** Bytes of the chunk at `place` that came already. */
  let offset = 0
  let gated = false
  let chunks = 0

  function complete(tape: Tape, atMs: number): void {
    const sentAtMs = tape.sentAtMs[place]
    // Nobody can pass on what was not sent yet.
    if (sentAtMs === undefined) faults.corrupt++
    else deps.completed(atMs - sentAtMs, atMs, tape.begins.has(place))
    place++
    offset = 0
    chunks++
  }

  function seek(tape: Tape, to: number): boolean {
    if (gated && !tape.begins.has(to)) {
      faults.silenced++
      return false
    }
    if (to < place) {
      faults.repeated++
      return false
    }
    // Behind a cut the rest of what was being said is gone, and nothing else may be.
    if (!gated) faults.lost += to - place
    gated = false
    place = to
    return true
  }

  function tookParts(tape: Tape, payload: string, atMs: number): void {
    let bytes = Buffer.from(payload, 'base64')
    while (bytes.length > 0) {
      const expected = Buffer.from(voice.payload(tape.stream, place), 'base64').subarray(offset)
      const length = Math.min(bytes.length, expected.length)
      if (bytes.compare(expected, 0, length, 0, length) !== 0) {
        faults.corrupt++
        return
      }
      bytes = bytes.subarray(length)
      offset += length
      if (offset === voice.chunkBytes) complete(tape, atMs)
    }
  }

  return {
    took(payload, atMs) {
      // Almost always it is the very chunk that is expected, as it was sent.
      if (tape && !gated && offset === 0 && payload.length === voice.chars)
        if (payload.startsWith(voice.head(tape.stream, place)) && payload.endsWith(voice.tail(tape.stream, place)))
          return complete(tape, atMs)
      if (offset === 0) {
        const head = readHead(payload)
        if (!head) return void faults.corrupt++
        if (!tape) {
          tape = deps.claim(head.stream)
          if (deps.fromAnywhere) ({ place } = head)
        }
        if (tape?.stream !== head.stream) return void faults.foreign++
        if (!seek(tape, head.place)) return
      }
      if (tape) tookParts(tape, payload, atMs)
    },
    cut() {
      gated = true
      offset = 0
    },
    get missing() {
      return tape === undefined || gated ? 0 : tape.sentAtMs.length - place
    },
    get chunks() {
      return chunks
    },
    faults,
  }
}
