import { type Clock, isStepped, type Timer } from '../../clock.ts'
import { frameMs } from '../frame.ts'

export interface Pacer {
  /** Sends the frames that are due. */
  flush(): void
  /** Something changed that may make the next step shorter. */
  reschedule(): void
  stop(): void
}

export interface PacerOptions {
  readonly clock: Clock
  /** The longest step on a stepped clock. */
  readonly stepMs: () => number
  /** `index` counts from 1; `dueMs` is the frame's absolute deadline. */
  readonly send: (index: number, dueMs: number) => void
}

/**
 * Frames every 20 ms from absolute deadlines: a late timer delays frames, but never loses time. A stepped clock would
 * stop at every frame, so there they are sent in batches, whenever something happens and at least every `stepMs`.
 */
export function createPacer({ clock, send, stepMs }: PacerOptions): Pacer {
  const startMs = clock.now()
  let sent = 0
  let stopped = false
  let timer: Timer | undefined
  let flushing = false

  const dueOf = (index: number) => startMs + index * frameMs

  function flush(): void {
    if (flushing || stopped) return
    flushing = true
    const nowMs = clock.now()
    // Half a microsecond of tolerance, so that sums of milliseconds do not miss a deadline.
    for (let due = dueOf(sent + 1); due <= nowMs + 0.0005; due = dueOf(sent + 1)) {
      sent++
      send(sent, due)
    }
    flushing = false
  }

  function schedule(): void {
    timer?.cancel()
    if (stopped) return
    const frames = isStepped(clock) ? Math.max(1, Math.floor(stepMs() / frameMs)) : 1
    timer = clock.after(Math.max(0, dueOf(sent + frames) - clock.now()), () => {
      flush()
      schedule()
    })
  }

  schedule()
  return {
    flush,
    reschedule: schedule,
    stop() {
      stopped = true
      timer?.cancel()
    },
  }
}
