import { createBacklog } from '../backlog.ts'
import { createEncoder, type Encoder } from './encoder.ts'

interface SoundLine {
  send(frame: Uint8Array): void
}

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

/** @param line where it goes */
export function createSound(line: SoundLine): Sound {
  return new KeptSound(line)
}

class KeptSound implements Sound {
  readonly #line: SoundLine
  readonly #backlog = createBacklog()
  #encoder: Encoder | undefined
  /** Where the sound of this connection begins in that of the session. */
  #beginsMs = 0
  #finished = false

  constructor(line: SoundLine) {
    this.#line = line
  }

  get isConnected(): boolean {
    return this.#encoder !== undefined
  }

  connected(): void {
    this.#encoder = createEncoder()
    this.#finished = false
    const { frames, startMs } = this.#backlog.kept()
    this.#beginsMs = startMs
    for (const kept of frames) this.#send(this.#encoder.push(kept))
  }

  disconnected(): void {
    this.#encoder = undefined
  }

  push(mulaw: Buffer): void {
    this.#backlog.push(mulaw)
    if (this.#encoder && !this.#finished) this.#send(this.#encoder.push(mulaw))
  }

  finish(): void {
    if (this.#encoder) this.#send(this.#encoder.rest())
    this.#finished = true
  }

  told(): void {
    if (this.#encoder) this.#backlog.dropBefore(this.#beginsMs + this.#encoder.framedMs)
    else this.forget()
  }

  forget(): void {
    this.#backlog.dropBefore(Number.POSITIVE_INFINITY)
  }

  #send(frames: readonly Uint8Array[]): void {
    for (const frame of frames) this.#line.send(frame)
  }
}
