/** One transcript, and the audio of it that went out. */
export interface Spoken {
  /** Number of the connection, from 1; 0 over HTTP. */
  readonly connection: number
  /** Over HTTP `request-` and the number of the request. */
  readonly contextId: string
  readonly transcript: string
  /** mu-law (8,000 Hz) as the voice made it, whatever the output format; only what was sent. */
  readonly audio: Uint8Array
}

export interface SpokenRecorder {
  readonly entry: Spoken
  add(mulaw: Uint8Array): void
}

/** Grows with every chunk, without copying what is there until somebody looks. */
export function recordSpoken(connection: number, contextId: string, transcript: string): SpokenRecorder {
  let parts: Uint8Array[] = []
  return {
    entry: {
      connection,
      contextId,
      transcript,
      get audio(): Uint8Array {
        if (parts.length !== 1) parts = [Buffer.concat(parts)]
        return parts[0] ?? new Uint8Array()
      },
    },
    add: (mulaw) => void parts.push(mulaw),
  }
}
