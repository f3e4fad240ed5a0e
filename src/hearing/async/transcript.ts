import type { Heard } from '../recognizer.ts'
import { joined } from '../words.ts'

/** How soon the same final text is the same one, told twice: nobody says it again so fast. */
const twiceMs = 500

/** Replies as utterances. They tell no place in the audio, so that a text is known by itself only. */
export interface Transcript {
  interim(text: string): void
  /** @param text `undefined`: what was told last is final. */
  final(text: string | undefined, nowMs: number): void
  /** The speaker has come to an end. */
  end(): void
  /** Words of the utterance that has not ended; changes whenever they do. */
  readonly pending: string
  /** Whether some of them may still change. */
  readonly open: boolean
}

export function createTranscript(tell: (event: Heard) => void): Transcript {
  return new ReplyTranscript(tell)
}

class ReplyTranscript implements Transcript {
  readonly #tell: (event: Heard) => void
  /** What was told as final, put together. */
  #settled = ''
  #guess = ''
  #started = false
  #last: { readonly text: string; readonly atMs: number } | undefined

  constructor(tell: (event: Heard) => void) {
    this.#tell = tell
  }

  get pending(): string {
    return joined(this.#settled, this.#guess)
  }

  get open(): boolean {
    return this.#guess !== ''
  }

  interim(text: string): void {
    if (text === this.#guess) return
    this.#guess = text
    if (text === '') return
    this.#last = undefined
    this.#begin()
    this.#tell({ type: 'interim', text })
  }

  final(text = this.#guess, nowMs: number): void {
    this.#guess = ''
    if (text === '' || (text === this.#last?.text && nowMs - this.#last.atMs < twiceMs)) return
    this.#last = { text, atMs: nowMs }
    this.#begin()
    this.#settled = joined(this.#settled, text)
    this.#tell({ type: 'final', text })
  }

  end(): void {
    const text = this.pending
    this.#settled = ''
    this.#guess = ''
    if (text === '') return
    this.#started = false
    this.#tell({ type: 'utterance', text })
  }

  #begin(): void {
    if (!this.#started) this.#tell({ type: 'started' })
    this.#started = true
  }
}
