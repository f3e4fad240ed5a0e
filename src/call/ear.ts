/**
 * Gets what the callee says, frame by frame in the order it came: base64 of 8 kHz mu-law, as Twilio sent it (usually
 * 20 ms, neither decoded nor checked), and Twilio's milliseconds since the stream began. Where time is missing between
 * two frames, the network lost it.
 */
export type AudioListener = (payload: string, timestampMs: number) => void

/** The same, as an object: what is called fifty times a second is best called where its state is. */
export interface AudioTaker {
  audio(payload: string, timestampMs: number): void
}

/** Where the frames go that come in. Looked at fifty times a second: fields and no way round. */
export interface Attention extends AudioTaker {
  /** Whether anybody listens: frames are worth being parsed. */
  readonly listening: boolean
}

/** The way of inbound audio: from the media websocket to whoever listens. */
export interface Ear extends AudioTaker {
  /**
   * Calls `listener` with every frame from now on; one that is just being told is no longer among them. A listener that
   * throws is dropped and disturbs nobody. Returns the way out; when the call ends, all are let go.
   */
  listen(listener: AudioListener | AudioTaker): () => void
  readonly attention: Attention
}

/** @param signal aborts when the call is over */
export function createEar(signal: AbortSignal): Ear {
  return new CallEar(signal)
}

const nobody: readonly AudioTaker[] = []

class CallEar implements Ear, Attention {
  listening = false
  /** The only one who listens, while there is one. */
  #only: AudioTaker | undefined
  /** All who listen. Never changed, but replaced. */
  #takers = nobody
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#nowFor(nobody), { once: true })
  }

  get attention(): Attention {
    return this
  }

  listen(listener: AudioListener | AudioTaker): () => void {
    const taker = typeof listener === 'function' ? { audio: listener } : listener
    if (!this.#signal.aborted) this.#nowFor([...this.#takers, taker])
    let left = false
    return () => {
      if (!left) this.#drop(taker)
      left = true
    }
  }

  audio(payload: string, timestampMs: number): void {
    if (this.#only) return this.#tell(this.#only, payload, timestampMs)
    const takers = this.#takers
    for (const taker of takers) {
      // One before it may have let it go.
      if (takers === this.#takers || this.#takers.includes(taker)) this.#tell(taker, payload, timestampMs)
    }
  }

  #tell(taker: AudioTaker, payload: string, timestampMs: number): void {
    try {
      taker.audio(payload, timestampMs)
    } catch {
      this.#drop(taker)
    }
  }

  /** It may listen twice and leave once. */
  #drop(taker: AudioTaker): void {
    const at = this.#takers.indexOf(taker)
    if (at >= 0) this.#nowFor(this.#takers.toSpliced(at, 1))
  }

  #nowFor(takers: readonly AudioTaker[]): void {
    this.#takers = takers
    this.#only = takers.length === 1 ? takers[0] : undefined
    this.listening = takers.length > 0
  }
}
