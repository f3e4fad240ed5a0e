import { parseTranscript } from '../async/markup.ts'

/** A text that was spoken, and its sound. */
interface SpokenText {
  readonly transcript: string
  readonly audio: Uint8Array
}

/** One text at the phone's ear: `whole` when its last sound was played. */
export interface HeardText {
  readonly text: string
  readonly whole: boolean
}

/** So many bytes of a text tell it from every other: the tone voice spells each character and its place. */
const beginningBytes = 400

/**
 * Turns what a phone played back into texts. Every text is told once, when it was played to its end, or when it is known
 * that it never will be. Pure: everything is given.
 */
export interface Ear {
  /**
   * @param spoken what the speech service has spoken so far, in order; the same list, longer, each time
   * @param played the bytes the phone has played so far
   * @param cutOff what was spoken and is not played by now never will be
   */
  listen(spoken: readonly SpokenText[], played: Uint8Array, cutOff: boolean): HeardText[]
}

export function createEar(): Ear {
  let next = 0
  let offset = 0

  return {
    listen(spoken, played, cutOff) {
      const heard: HeardText[] = []
      // Sounds of other origin (a beep, a file) may stand between two texts.
      const sound = Buffer.from(played.buffer, played.byteOffset, played.byteLength)
      for (let place = next; place < spoken.length; place++) {
        const { transcript, audio } = spoken[place] ?? { transcript: '', audio: new Uint8Array() }
        if (audio.length === 0) continue
        const text = wordsOf(transcript)
        const at = sound.indexOf(audio, offset)
        if (at >= 0) {
          heard.push({ text, whole: true })
          offset = at + audio.length
        } else {
          const began = sound.indexOf(audio.subarray(0, beginningBytes), offset)
          // The last text that began is still being played, unless it was cut off.
          if (began < 0 || !cutOff) continue
          heard.push({ text, whole: false })
          offset = began + Math.min(beginningBytes, audio.length)
        }
        next = place + 1
      }
      if (cutOff) next = Math.max(next, firstUnspoken(spoken))
      return heard
    },
  }
}

/** What is still in the making when the phone's buffer is cleared may be of what comes after. */
function firstUnspoken(spoken: readonly SpokenText[]): number {
  const place = spoken.findIndex(({ audio }, at) => audio.length === 0 && spoken.slice(at).every(isSilent))
  return place < 0 ? spoken.length : place
}

function isSilent({ audio }: SpokenText): boolean {
  return audio.length === 0
}

/** The words of a transcript, without what tells the service how to say them. */
function wordsOf(transcript: string): string {
  return parseTranscript(transcript)
    .segments.map((segment) => (segment.kind === 'speech' ? segment.text : ''))
    .filter((text) => text !== '')
    .join(' ')
}
