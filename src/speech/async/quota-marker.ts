/** Appended to streamed audio when the quota runs out amid it (OpenAPI, `/text_to_speech/streaming`). */
const marker = Buffer.from('--ERROR:QUOTA_EXCEEDED--')
/** So much of it, at the end of a body, is no audio either. */
const unmistakable = '--ERROR:'.length

export interface MarkerFilter {
  /** The audio in what came, as far as it surely is audio; `found`: nothing after it counts. */
  push(bytes: Uint8Array): { readonly audio: Uint8Array; readonly found: boolean }
  /** The body is over: what was held back. */
  end(): { readonly audio: Uint8Array; readonly found: boolean }
}

/** Finds the marker over the borders of chunks. Holds back at most one byte less than it is long. */
export function createMarkerFilter(): MarkerFilter {
  let held: Uint8Array = new Uint8Array()
  return {
    push(bytes) {
      const all =
        held.length === 0 ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : Buffer.concat([held, bytes])
      const at = all.indexOf(marker)
      if (at >= 0) {
        held = new Uint8Array()
        return { audio: all.subarray(0, at), found: true }
      }
      let begun = Math.min(marker.length - 1, all.length)
      while (begun > 0 && marker.compare(all, all.length - begun, all.length, 0, begun) !== 0) begun--
      held = all.subarray(all.length - begun)
      return { audio: all.subarray(0, all.length - begun), found: false }
    },
    end() {
      const audio = held
      held = new Uint8Array()
      return audio.length >= unmistakable ? { audio: new Uint8Array(), found: true } : { audio, found: false }
    },
  }
}
