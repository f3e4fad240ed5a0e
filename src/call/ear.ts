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
  /** Whether frames are worth being parsed. A field, not a function: it is looked at fifty times a second. */
  readonly attention: { readonly listening: boolean }
  /** A frame of the callee's sound came in. */
  audio(payload: string, timestampMs: number): void
}

/** @param signal aborts when the call is over */
export function createEar(signal: AbortSignal): Ear {
  const listeners = new Set<AudioListener>()
  const attention = { listening: false }

  function drop(...those: readonly AudioListener[]): void {
    for (const listener of those) listeners.delete(listener)
    attention.listening = listeners.size > 0
  }

  signal.addEventListener('abort', () => drop(...listeners), { once: true })
  return {
    listen(listener) {
      // A function may listen twice and leave once.
      const own: AudioListener = (payload, timestampMs) => listener(payload, timestampMs)
      if (!signal.aborted) {
        listeners.add(own)
        attention.listening = true
      }
      return () => drop(own)
    },
    attention,
    audio(payload, timestampMs) {
      for (const listener of listeners) {
        try {
          listener(payload, timestampMs)
        } catch {
          drop(listener)
        }
      }
    },
  }
}
