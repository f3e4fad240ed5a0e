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

/** One `listen`: the same taker may listen twice and leave once. */
interface Listening {
  readonly taker: AudioTaker
}

const nobody: readonly Listening[] = []

class CallEar implements Ear, Attention {
  listening = false
  /** Of the only one who listens, while there is one. */
  #only: AudioTaker | undefined
  /** All who listen. Never changed, but replaced. */
  #all = nobody
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#nowFor(nobody), { once: true })
  }

  get attention(): Attention {
    return this
  }

  listen(listener: AudioListener | AudioTaker): () => void {
    const own: Listening = { taker: typeof listener === 'function' ? { audio: listener } : listener }
    if (!this.#signal.aborted) this.#nowFor([...this.#all, own])
    return () => this.#drop(own)
  }

  audio(payload: string, timestampMs: number): void {
    if (!this.#only) return this.#tellAll(payload, timestampMs)
    const all = this.#all
    try {
      this.#only.audio(payload, timestampMs)
    } catch {
      for (const own of all) this.#drop(own)
    }
  }

  #tellAll(payload: string, timestampMs: number): void {
    for (const own of this.#all) {
      // One before it may have let it go.
      if (!this.#all.includes(own)) continue
      try {
        own.taker.audio(payload, timestampMs)
      } catch {
        this.#drop(own)
      }
    }
  }

  #drop(own: Listening): void {
    if (this.#all.includes(own)) this.#nowFor(this.#all.filter((one) => one !== own))
  }

  #nowFor(all: readonly Listening[]): void {
    this.#all = all
    this.#only = all.length === 1 ? all[0]?.taker : undefined
    this.listening = all.length > 0
  }
}
