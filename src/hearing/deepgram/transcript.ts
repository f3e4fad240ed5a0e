import type { Heard } from '../recognizer.ts'
import { joined } from '../words.ts'
import type { Results } from './protocol.ts'

/**
 * Results as utterances. An utterance is its final results, one after the other, up to `speech_final` or UtteranceEnd.
 * What was told once is not told again, whether a result comes twice, late, or again after a lost connection: by its
 * place in the audio it is known. Times are those of the session, not of one connection.
 */
export interface Transcript {
  results(results: Results): void
  /** A voice, perhaps without words. */
  started(): void
  /** The service heard nothing behind this word for a while. */
  utteranceEnd(lastWordEndMs: number | undefined): void
  /** The utterance has ended, as far as can be told. */
  conclude(): void
  /** Words of an utterance that has not ended; changes whenever they do. */
  readonly pending: string
  /** Up to here the audio has been told for good. */
  readonly toldMs: number
}

export function createTranscript(tell: (event: Heard) => void): Transcript {
  return new ResultTranscript(tell)
}

class ResultTranscript implements Transcript {
  readonly #tell: (event: Heard) => void
  /** What was told as final, put together. */
  #settled = ''
  #interim = ''
  #interimEndMs = 0
  #toldMs = 0
  #beganMs = 0
  #started = false

  constructor(tell: (event: Heard) => void) {
    this.#tell = tell
  }

  get pending(): string {
    return joined(this.#settled, this.#interim)
  }

  get toldMs(): number {
    return this.#toldMs
  }

  results(results: Results): void {
    const isOld = results.endMs <= this.#toldMs
    const text = isOld ? '' : textSince(results, this.#toldMs)
    if (results.isFinal) this.#onFinal(results, text)
    else if (!isOld) this.#onInterim(results, text)
    if (results.isFinal && results.speechFinal) this.conclude()
  }

  started(): void {
    if (this.pending !== '') return
    this.#started = true
    this.#tell({ type: 'started' })
  }

  utteranceEnd(lastWordEndMs = Number.POSITIVE_INFINITY): void {
    // Of the utterance before, which speech_final had ended already.
    if (lastWordEndMs > this.#beganMs) this.conclude()
  }

  conclude(): void {
    const text = this.pending
    if (this.#interim !== '') this.#toldMs = Math.max(this.#toldMs, this.#interimEndMs)
    this.#settled = ''
    this.#interim = ''
    if (text === '') return
    this.#started = false
    this.#tell({ type: 'utterance', text })
  }

  #begin(atMs: number): void {
    if (this.pending === '') this.#beganMs = atMs
    if (!this.#started) this.#tell({ type: 'started' })
    this.#started = true
  }

  #onFinal({ startMs, endMs }: Results, text: string): void {
    if (text !== '') this.#begin(Math.max(startMs, this.#toldMs))
    this.#interim = ''
    this.#toldMs = Math.max(this.#toldMs, endMs)
    if (text === '') return
    this.#settled = joined(this.#settled, text)
    this.#tell({ type: 'final', text })
  }

  #onInterim({ startMs, endMs, words }: Results, text: string): void {
    if (text === this.#interim) return
    if (text !== '') this.#begin(Math.max(startMs, this.#toldMs))
    this.#interim = text
    this.#interimEndMs = words.at(-1)?.endMs ?? endMs
    if (text !== '') this.#tell({ type: 'interim', text })
  }
}

/** How much two times may differ that are the same: they come as rounded seconds. */
const toleranceMs = 20

/** The words of a result behind a place in the audio. */
function textSince({ startMs, text, words }: Results, sinceMs: number): string {
  if (startMs >= sinceMs - toleranceMs) return text
  return words
    .filter((word) => word.startMs >= sinceMs - toleranceMs)
    .map((word) => word.text)
    .join(' ')
}
