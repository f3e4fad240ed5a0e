import { type Faults, noFaults } from './faults.ts'
import { type Form, readHead, type Voice } from './sound.ts'
import { beginsAt, sentAtMs, type Tape } from './tape.ts'

export interface Matcher {
  /**
   * Whether the very chunk that is expected lies there, as it was sent; then it is taken. Almost always it is. Whatever
   * else it may be is left to `took`.
   */
  readonly tookNext: (form: Form, bytes: Buffer, at: number, atMs: number) => boolean
  /** A frame's payload came. It may hold a chunk, a part of one, or several. */
  took(payload: string, atMs: number): void
  /** What was sent up to now need not come: the line was cleared. The next sound has to begin something new. */
  cut(): void
  /** Chunks that were sent and have not come. */
  missing(): number
  chunks(): number
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
    readonly completed: (delayMs: number, begins: boolean) => void
  },
): Matcher {
  const { completed } = deps
  const faults = noFaults()
  let tape: Tape | undefined
  let place = 0
  /** Bytes of the chunk at `place` that came already. */
  let offset = 0
  let gated = false
  let chunks = 0

  function complete(tape: Tape, atMs: number): void {
    const sentMs = sentAtMs(tape, place)
    // Nobody can pass on what was not sent yet.
    if (sentMs === undefined) faults.corrupt++
    else completed(atMs - sentMs, beginsAt(tape, place))
    place++
    offset = 0
    chunks++
  }

  function seek(tape: Tape, to: number): boolean {
    if (gated && !beginsAt(tape, to)) {
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
    if (bytes.toString('base64') !== payload) return void faults.corrupt++
    while (bytes.length > 0) {
      const expected = Buffer.from(voice.payload(tape.stream, place), 'base64').subarray(offset)
      const length = Math.min(bytes.length, expected.length)
      if (bytes.compare(expected, 0, length, 0, length) !== 0) {
        faults.corrupt++
        return
      }
      bytes = bytes.subarray(length)
      offset += length
      if (offset === voice.sound.length) complete(tape, atMs)
    }
  }

  return {
    tookNext(form, bytes, at, atMs) {
      if (!tape || gated || offset !== 0 || !form.is(bytes, at, tape.stream, place)) return false
      complete(tape, atMs)
      return true
    },
    took(payload, atMs) {
      if (offset === 0) {
        const head = readHead(payload)
        if (!head) {
          faults.corrupt++
          return
        }
        if (!tape) {
          tape = deps.claim(head.stream)
          if (deps.fromAnywhere) ({ place } = head)
        }
        if (tape?.stream !== head.stream) {
          faults.foreign++
          return
        }
        if (!seek(tape, head.place)) return
      }
      if (tape) tookParts(tape, payload, atMs)
    },
    cut() {
      gated = true
      offset = 0
    },
    missing: () => (tape === undefined || gated ? 0 : tape.marks.length - place),
    chunks: () => chunks,
    faults,
  }
}
