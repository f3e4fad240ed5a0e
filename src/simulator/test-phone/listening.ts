import { parseTranscript } from '../async/markup.ts'

/** A text that was spoken, and its sound. */
interface SpokenText {
  readonly transcript: string
  readonly audio: Uint8Array
}

/** What came to the phone's ear: a text, `whole` when its last sound was played; or a sound that is none. */
export type Heard =
  | { readonly kind: 'text'; readonly text: string; readonly whole: boolean }
  /** `endsAt`: so many bytes were played when it ended. */
  | { readonly kind: 'sound'; readonly audio: Uint8Array; readonly endsAt: number }

/** So many bytes of a text tell it from every other: the tone voice spells each character and its place. */
const beginningBytes = 400

/**
 * Turns what a phone played back into texts. Every text is told once, when it was played to its end, or when it is known
 * that it never will be; a sound (a file, tones of keys) when something else follows. Pure: everything is given.
 */
export interface Ear {
  /**
   * @param spoken what the speech service has spoken so far, in order; the same list, longer, each time
   * @param played the bytes the phone has played so far
   * @param cutOff what was spoken and is not played by now never will be
   */
  listen(spoken: readonly SpokenText[], played: Uint8Array, cutOff: boolean): Heard[]
  /** The sound that was played last and belongs to no text, if there is one and it was not told yet. */
  lastSound(spoken: readonly SpokenText[], played: Uint8Array): Heard | undefined
}

export function createEar(): Ear {
  let next = 0
  let offset = 0

  return {
    listen(spoken, played, cutOff) {
      const heard: Heard[] = []
      const sound = asBuffer(played)
      const hear = (text: string, at: number, endsAt: number, whole: boolean) => {
        if (at > offset) heard.push({ kind: 'sound', audio: played.subarray(offset, at), endsAt: at })
        heard.push({ kind: 'text', text, whole })
        offset = endsAt
      }
      for (let place = next; place < spoken.length; place++) {
        const { transcript, audio } = spoken[place] ?? { transcript: '', audio: new Uint8Array() }
        if (audio.length === 0) continue
        const text = wordsOf(transcript)
        const at = sound.indexOf(audio, offset)
        if (at >= 0) hear(text, at, at + audio.length, true)
        else {
          const began = beginning(sound, audio, offset)
          // The last text that began is still being played, unless it was cut off.
          if (began < 0 || !cutOff) continue
          hear(text, began, began + commonBytes(played, began, audio), false)
        }
        next = place + 1
      }
      if (!cutOff) return heard
      next = Math.max(next, firstUnspoken(spoken))
      if (played.length > offset) heard.push({ kind: 'sound', audio: played.subarray(offset), endsAt: played.length })
      offset = played.length
      return heard
    },
    lastSound(spoken, played) {
      const sound = asBuffer(played)
      const begun = spoken.slice(next).map(({ audio }) => beginning(sound, audio, offset))
      const end = Math.min(played.length, ...begun.filter((at) => at >= 0))
      if (end <= offset) return undefined
      const audio = played.subarray(offset, end)
      offset = end
      return { kind: 'sound', audio, endsAt: end }
    },
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Where in `sound` the text begins, even if less of it was played than tells it for certain; or -1. */
function beginning(sound: Buffer, audio: Uint8Array, from: number): number {
  if (audio.length === 0) return -1
  const at = sound.indexOf(audio.subarray(0, beginningBytes), from)
  if (at >= 0) return at
  const shortest = Math.max(from, sound.length - Math.min(beginningBytes, audio.length) + 1)
  for (let place = shortest; place < sound.length; place++)
    if (commonBytes(sound, place, audio) === sound.length - place) return place
  return -1
}

function commonBytes(sound: Uint8Array, at: number, audio: Uint8Array): number {
  let bytes = 0
  while (bytes < audio.length && at + bytes < sound.length && sound[at + bytes] === audio[bytes]) bytes++
  return bytes
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
