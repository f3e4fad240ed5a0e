import { createBacklog } from '../backlog.ts'
import { createEncoder, type Encoder } from './encoder.ts'

/**
 * The sound of a session on its way to one connection after the other. Whatever was not told yet is kept, for the next
 * connection to get it.
 */
export interface Sound {
  /** A connection stands, and gets what is kept. */
  connected(): void
  /** It is gone, or gets no more. */
  disconnected(): void
  push(mulaw: Buffer): void
  /** Sends what does not fill a frame; from now on sound is kept only. */
  finish(): void
  /** What was sent is told, or what there is, where nothing can be sent: it is not needed again. */
  told(): void
  /** Nothing of it will be needed. */
  forget(): void
  readonly isConnected: boolean
}

export function createSound(send: (frame: Uint8Array) => void): Sound {
  const backlog = createBacklog()
  let encoder: Encoder | undefined
  /** Where the sound of this connection begins in that of the session. */
  let beginsMs = 0
  let finished = false

  function sendOn(frames: readonly Uint8Array[]): void {
    for (const frame of frames) send(frame)
  }

  const forget = () => backlog.dropBefore(Number.POSITIVE_INFINITY)

  return {
    get isConnected() {
      return encoder !== undefined
    },
    connected() {
      encoder = createEncoder()
      finished = false
      const { frames, startMs } = backlog.kept()
      beginsMs = startMs
      for (const kept of frames) sendOn(encoder.push(kept))
    },
    disconnected() {
      encoder = undefined
    },
    push(mulaw) {
      backlog.push(mulaw)
      if (encoder && !finished) sendOn(encoder.push(mulaw))
    },
    finish() {
      if (encoder) sendOn(encoder.rest())
      finished = true
    },
    told() {
      if (encoder) backlog.dropBefore(beginsMs + encoder.framedMs)
      else forget()
    },
    forget,
  }
}
