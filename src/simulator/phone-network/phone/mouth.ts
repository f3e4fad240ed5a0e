import { bytesToMs } from '../../../audio/duration.ts'
import { frameBytes, frameMs } from '../frame.ts'

/**
 * What a phone says, as the frames of 20 ms that a media stream takes from it. Speech begins with the first frame that
 * starts after it; what is said while no stream listens is gone. Pure: every function takes the time.
 */
export interface Mouth {
  speak(audio: Uint8Array, nowMs: number): void
  /** The frame that covers the 20 ms up to `dueMs`, or undefined for silence; shorter than 160 bytes at the end. */
  frame(dueMs: number): Uint8Array | undefined
  /** Until when the phone speaks. */
  endMs(): number
}

export function createMouth(): Mouth {
  let queue: { readonly startMs: number; readonly audio: Uint8Array; offset: number }[] = []
  let endMs = Number.NEGATIVE_INFINITY
  return {
    speak(audio, nowMs) {
      if (audio.length === 0) return
      const startMs = Math.max(nowMs, endMs)
      queue.push({ startMs, audio, offset: 0 })
      endMs = startMs + bytesToMs(audio.length)
    },
    frame(dueMs) {
      const windowMs = dueMs - frameMs
      const frame: number[] = []
      for (let piece = queue[0]; piece && frame.length < frameBytes; piece = queue[0]) {
        if (piece.startMs > windowMs + bytesToMs(frame.length) + 1e-6) break
        // Nobody listened when this began: what has been said since then cannot be heard any more.
        const missedFrames = Math.floor((windowMs - piece.startMs) / frameMs)
        if (piece.offset === 0 && frame.length === 0 && missedFrames > 1) piece.offset = missedFrames * frameBytes
        const part = piece.audio.subarray(piece.offset, piece.offset + frameBytes - frame.length)
        piece.offset += part.length
        frame.push(...part)
        if (piece.offset >= piece.audio.length) queue = queue.slice(1)
      }
      return frame.length > 0 ? Uint8Array.from(frame) : undefined
    },
    endMs: () => endMs,
  }
}
