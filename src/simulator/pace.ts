import { bytesToMs } from '../audio/duration.ts'
import type { Chunk } from './chunks.ts'
import { type Clock, holdIfStepped } from './clock.ts'
import { waitOrTurn } from './waiting.ts'

/** How fast an emulated service gives its audio. May be changed at any time. */
export interface Pacing {
  /** From the arrival of a text to its first audio, if nothing else is being spoken. */
  readonly firstAudioDelayMs: number
  /** A hole of `ms` before every n-th further chunk of a text. */
  readonly gap: { readonly everyChunks: number; readonly ms: number } | undefined
  /** Audio is delivered at this multiple of real time; `Infinity` sends it all at once. */
  readonly deliveryRate: number
}

/** The pace of one socket or body, over all that is spoken there. */
export interface Pace {
  /** The chunks of one text, each when it is due. Ends without an error on abort; throws what the voice throws. */
  deliver(chunks: AsyncGenerator<Chunk>, arrivedAtMs: number, signal: AbortSignal): AsyncGenerator<Chunk>
}

export function createPace(clock: Clock, pacing: Pacing): Pace {
  let lastDueMs = Number.NEGATIVE_INFINITY

  /** Absolute, so that late timers do not add up; a voice slower than the pace moves what follows. */
  function dueMs(arrivedAtMs: number, chunk: Chunk, index: number): number {
    const { gap, deliveryRate, firstAudioDelayMs } = pacing
    const paceMs = lastDueMs + bytesToMs(chunk.bytes.length) / deliveryRate
    const gapMs = gap && index > 0 && index % gap.everyChunks === 0 ? gap.ms : 0
    return Math.max(Math.max(paceMs, arrivedAtMs + firstAudioDelayMs) + gapMs, clock.now())
  }

  return {
    async *deliver(chunks, arrivedAtMs, signal) {
      const aborted = new Promise<undefined>((resolve) => {
        signal.addEventListener('abort', () => resolve(undefined), { once: true })
      })
      try {
        for (let index = 0; ; index++) {
          // What the voice needs in reality costs nothing in simulated time.
          const release = holdIfStepped(clock)
          const step = await Promise.race([chunks.next(), aborted]).finally(release)
          if (!step || step.done) return
          lastDueMs = dueMs(arrivedAtMs, step.value, index)
          await waitOrTurn(clock, lastDueMs - clock.now(), signal)
          if (signal.aborted) return
          yield step.value
        }
      } finally {
        // A voice that hangs is not waited for.
        chunks.return(undefined).catch(() => {})
      }
    },
  }
}
