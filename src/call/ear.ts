/**
 * Gets what the callee says, frame by frame in the order it came: base64 of 8 kHz mu-law, as Twilio sent it (usually
 * 20 ms, neither decoded nor checked), and Twilio's milliseconds since the stream began. Where time is missing between
 * two frames, the network lost it.
 */
export type AudioListener = (payload: string, timestampMs: number) => void

/** The way of inbound audio: from the media websocket to whoever listens. */
export interface Ear {
  /**
   * Calls `listener` with every frame from now on. A listener that throws is dropped and disturbs nobody. Returns the
   * way out; when the call ends, all are let go.
   */
  listen(listener: AudioListener): () => void
  /** Whether frames are worth being parsed. */
  readonly listening: () => boolean
  /** A frame of the callee's sound came in. */
  audio(payload: string, timestampMs: number): void
}

/** @param signal aborts when the call is over */
export function createEar(signal: AbortSignal): Ear {
  const listeners = new Set<AudioListener>()
  signal.addEventListener('abort', () => listeners.clear(), { once: true })
  return {
    listen(listener) {
      // A function may listen twice and leave once.
      const own: AudioListener = (payload, timestampMs) => listener(payload, timestampMs)
      if (!signal.aborted) listeners.add(own)
      return () => void listeners.delete(own)
    },
    listening: () => listeners.size > 0,
    audio(payload, timestampMs) {
      for (const listener of listeners) {
        try {
          listener(payload, timestampMs)
        } catch {
          listeners.delete(listener)
        }
      }
    },
  }
}
