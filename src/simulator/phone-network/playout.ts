import { bytesToMs, msToBytes } from '../../audio/duration.ts'
import { sampleRateHz, silence } from '../../audio/mulaw.ts'

/**
 * The play-out buffer of one phone: 8,000 bytes a second from the moment audio arrives, marks that come due when
 * everything before them has been played. Pure: every function takes the time. What was played is kept, as a recording.
 */
export interface Playout {
  /** Queues audio; what would make the buffer longer than `limitMs` is discarded. Returns the bytes taken. */
  append(audio: Uint8Array, nowMs: number, limitMs: number): number
  /** Queues a mark. On an empty buffer it is due at once. */
  mark(name: string, nowMs: number): void
  /** Takes the marks that are due, in order. */
  takeDue(nowMs: number): string[]
  /** Drops the audio not yet played and takes all outstanding marks, in order. */
  clear(nowMs: number): string[]
  /** When the next outstanding mark is due. */
  nextMarkMs(): number | undefined
  bufferedMs(nowMs: number): number
  playedBytes(nowMs: number): number
  /** When `audioBytes` will have been played, if nothing is cleared; undefined if so much was never sent. */
  playedAtMs(audioBytes: number): number | undefined
  /** The bytes played, without the silence between them. */
  played(nowMs: number): Uint8Array
  /** The whole timeline from `fromMs` to `toMs`; where nothing was played, silence. */
  timeline(fromMs: number, toMs: number): Uint8Array
}

interface Piece {
  /** A run is audio without a gap. Its bytes are counted from its start, so that no rounding adds up. */
  readonly runStartMs: number
  readonly runBytes: number
  readonly audio: Uint8Array
  /** Bytes of all earlier pieces. */
  readonly before: number
}

interface Mark {
  readonly name: string
  readonly dueMs: number
}

export function createPlayout(): Playout {
  const pieces: Piece[] = []
  let marks: Mark[] = []
  let total = 0

  const startOf = (piece: Piece) => piece.runStartMs + bytesToMs(piece.runBytes)
  const endOf = (piece: Piece) => piece.runStartMs + bytesToMs(piece.runBytes + piece.audio.length)

  function endMs(): number {
    const last = pieces.at(-1)
    return last ? endOf(last) : Number.NEGATIVE_INFINITY
  }

  function playedOf(piece: Piece, nowMs: number): number {
    const bytes = Math.floor((nowMs - startOf(piece)) * (sampleRateHz / 1000) + 1e-6)
    return Math.min(Math.max(bytes, 0), piece.audio.length)
  }

  function playedBytes(nowMs: number): number {
    for (let i = pieces.length - 1; i >= 0; i--) {
      const piece = pieces[i]
      if (piece && startOf(piece) <= nowMs) return piece.before + playedOf(piece, nowMs)
    }
    return 0
  }

  return {
    append(audio, nowMs, limitMs) {
      const buffered = Math.max(0, endMs() - nowMs)
      const room = Math.max(0, msToBytes(limitMs - buffered))
      const taken = audio.length > room ? audio.subarray(0, room) : audio
      if (taken.length === 0) return 0
      const last = pieces.at(-1)
      const runs = last !== undefined && buffered > 0
      pieces.push({
        runStartMs: runs ? last.runStartMs : nowMs,
        runBytes: runs ? last.runBytes + last.audio.length : 0,
        audio: taken,
        before: total,
      })
      total += taken.length
      return taken.length
    },
    mark(name, nowMs) {
      marks.push({ name, dueMs: Math.max(nowMs, endMs()) })
    },
    takeDue(nowMs) {
      const due = marks.filter((mark) => mark.dueMs <= nowMs)
      if (due.length > 0) marks = marks.filter((mark) => mark.dueMs > nowMs)
      return due.map((mark) => mark.name)
    },
    clear(nowMs) {
      while (pieces.length > 0) {
        const last = pieces.at(-1)
        if (!last || endOf(last) <= nowMs) break
        pieces.pop()
        total = last.before
        const played = playedOf(last, nowMs)
        if (played === 0) continue
        pieces.push({ ...last, audio: last.audio.subarray(0, played) })
        total += played
        break
      }
      const outstanding = marks
      marks = []
      return outstanding.map((mark) => mark.name)
    },
    nextMarkMs: () => marks[0]?.dueMs,
    bufferedMs: (nowMs) => Math.max(0, endMs() - nowMs),
    playedBytes,
    playedAtMs(audioBytes) {
      const piece = pieces.find((piece) => piece.before + piece.audio.length >= audioBytes)
      return piece && startOf(piece) + bytesToMs(Math.max(0, audioBytes - piece.before))
    },
    played(nowMs) {
      const bytes = new Uint8Array(playedBytes(nowMs))
      for (const piece of pieces) {
        if (piece.before >= bytes.length) break
        bytes.set(piece.audio.subarray(0, playedOf(piece, nowMs)), piece.before)
      }
      return bytes
    },
    timeline(fromMs, toMs) {
      const bytes = new Uint8Array(Math.max(0, msToBytes(toMs - fromMs))).fill(silence)
      for (const piece of pieces) {
        const at = msToBytes(piece.runStartMs - fromMs) + piece.runBytes
        const audio = piece.audio.subarray(
          Math.max(0, -at),
          Math.max(0, Math.min(piece.audio.length, bytes.length - at)),
        )
        if (audio.length > 0) bytes.set(audio, Math.max(0, at))
      }
      return bytes
    },
  }
}
