import type { BridgeError } from '../../errors.ts'
import { serviceError } from './errors.ts'
import { readFailure, readJson, unexpectedAnswer } from './http-errors.ts'
import { createMarkerFilter } from './quota-marker.ts'

export interface StreamedPart {
  readonly audio: Uint8Array
  /** The body holds an error; nothing after it counts. */
  readonly error?: BridgeError
}

export interface StreamedAudio {
  push(bytes: Uint8Array): StreamedPart
  end(): StreamedPart
}

const none = new Uint8Array()
const maxJsonBytes = 64 * 1024

/**
 * Tells the audio in a streamed body from what else may stand in it: the marker of a used-up quota, or JSON in place of
 * audio, also under the name of audio. `{` alone is no proof, since it is a quiet mu-law sample: `{` and a quotation
 * mark or `}` behind it are taken for JSON as long as what follows is text, and are audio if it is none in the end.
 */
export function createStreamedAudio(contentType: string): StreamedAudio {
  const declared = /\bjson\b/i.test(contentType)
  const filter = createMarkerFilter()
  let pieces: Uint8Array[] = []
  let bytes = 0
  let isAudio = false
  const decoder = new TextDecoder('utf-8', { fatal: true })

  function pass(part: { readonly audio: Uint8Array; readonly found: boolean }): StreamedPart {
    return part.found ? { audio: part.audio, error: serviceError({ code: 'QUOTA_EXCEEDED' }) } : { audio: part.audio }
  }

  function release(): StreamedPart {
    isAudio = true
    const held = Buffer.concat(pieces)
    pieces = []
    return pass(filter.push(held))
  }

  function isText(piece: Uint8Array): boolean {
    try {
      decoder.decode(piece, { stream: true })
      return true
    } catch {
      return false
    }
  }

  return {
    push(piece) {
      if (isAudio) return pass(filter.push(piece))
      pieces.push(piece)
      bytes += piece.length
      if (declared) return bytes > maxJsonBytes ? { audio: none, error: unexpectedAnswer('audio') } : { audio: none }
      const begin = Buffer.concat(pieces).subarray(0, 16).toString('latin1')
      const mayBeJson = /^\{\s*(?:["}]|$)/.test(begin) && bytes <= maxJsonBytes && isText(piece)
      return mayBeJson || bytes === 0 ? { audio: none } : release()
    },
    end() {
      if (isAudio) return pass(filter.end())
      const text = Buffer.concat(pieces).toString()
      const failure = readFailure(text)
      if (failure) return { audio: none, error: serviceError(failure) }
      if (declared || readJson(text) !== undefined) return { audio: none, error: unexpectedAnswer('audio') }
      const held = release()
      if (held.error) return held
      const rest = pass(filter.end())
      return { ...rest, audio: Buffer.concat([held.audio, rest.audio]) }
    },
  }
}
