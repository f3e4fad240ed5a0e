/** The audio of one thing that was spoken, as far as it went out. */
export interface SpokenAudio {
  /** mu-law (8,000 Hz) as the voice made it, whatever the output format; only what was sent. */
  readonly audio: Uint8Array
}

export interface SpokenRecorder<Entry extends SpokenAudio = SpokenAudio> {
  readonly entry: Entry
  add(mulaw: Uint8Array): void
}

/** Grows with every chunk, without copying what is there until somebody looks. */
export function recordSpoken<About extends object>(about: About): SpokenRecorder<About & SpokenAudio> {
  let parts: Uint8Array[] = []
  return {
    entry: {
      ...about,
      get audio(): Uint8Array {
        if (parts.length !== 1) parts = [Buffer.concat(parts)]
        return parts[0] ?? new Uint8Array()
      },
    },
    add: (mulaw) => void parts.push(mulaw),
  }
}
