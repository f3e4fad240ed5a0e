import { msToBytes } from '../../audio/duration.ts'
import { silence } from '../../audio/mulaw.ts'
import type { Clock } from '../clock.ts'
import type { ListenSocket } from '../listening-sockets.ts'
import { spokenAloud } from '../saying.ts'
import { later } from '../waiting.ts'

/** Behind the words: longer than the silence that ends an utterance. */
const restMs = 500
const bytesPerMs = 8

/** A recognizer at the other end, whichever it is. */
export interface PersonsEar {
  readonly behaviour: { refuse: number | undefined }
  readonly sockets: readonly Pick<ListenSocket<unknown>, 'open' | 'audioMs' | 'hear'>[]
  strike(what: { readonly kind: 'drop' }): void
}

/** The mouth of whoever holds a test's phone: sound for the line, words for the recognizer at its other end. */
export interface Person {
  /**
   * Says words, behind what is being said already. `unheard` is called, before time passes, when no recognizer is
   * connected to the call: what is said then is lost, as is what is said to one that hears nothing any more.
   */
  speak(words: string, unheard: () => void): void
  /** The recognizer breaks off what it hears, and takes nobody any more. */
  deafen(): void
}

export function createPerson(
  clock: Clock,
  over: AbortSignal,
  ears: readonly PersonsEar[],
  say: (sound: Uint8Array) => void,
): Person {
  let freeAtMs = Number.NEGATIVE_INFINITY

  return {
    speak(words, unheard) {
      const { text, sound } = spokenAloud(words)
      const beginMs = Math.max(clock.now(), freeAtMs)
      const rest = new Uint8Array(msToBytes(restMs)).fill(silence)
      freeAtMs = beginMs + sound.length / bytesPerMs + restMs
      say(Buffer.concat([sound, rest]))
      // When what was set off so far has come to rest: who is about to listen is connected, and has all sound up to now.
      later(clock, 0, over, () => {
        const listening = ears.flatMap(({ sockets }) => sockets.filter(({ open }) => open))
        if (listening.length === 0) return unheard()
        const leftMs = Math.max(0, beginMs - clock.now())
        // All that is open belongs to this call; a flow may listen twice at a time.
        for (const socket of listening) socket.hear({ text, atMs: socket.audioMs + leftMs })
      })
    },
    deafen() {
      for (const ear of ears) {
        ear.behaviour.refuse = 500
        ear.strike({ kind: 'drop' })
      }
    },
  }
}
