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
  /** Calls back, once, for several frames that are due at the same moment. */
  readonly together: (frames: () => void) => void
}

/**
 * Frames every 20 ms from absolute deadlines: a late timer delays frames, but never loses time. A stepped clock would
 * stop at every frame, so there they are sent in batches, whenever something happens and at least every `stepMs`.
 */
export function createPacer({ clock, send, stepMs, together }: PacerOptions): Pacer {
  const startMs = clock.now()
  let sent = 0
  let stopped = false
  let timer: Timer | undefined
  let flushing = false

  const dueOf = (index: number) => startMs + index * frameMs

  function flush(): void {
    if (flushing || stopped) return
    flushing = true
    // Half a microsecond of tolerance, so that sums of milliseconds do not miss a deadline.
    const untilMs = clock.now() + 0.0005
    const frames = () => {
      for (let due = dueOf(sent + 1); due <= untilMs; due = dueOf(sent + 1)) send(++sent, due)
    }
    if (dueOf(sent + 2) <= untilMs) together(frames)
    else frames()
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
