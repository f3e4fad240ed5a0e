import type { Heard } from '../recognizer.ts'
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
  let finals: string[] = []
  let interim = ''
  let interimEndMs = 0
  let toldMs = 0
  let beganMs = 0
  let started = false

  function pending(): string {
    return [...finals, interim].filter((part) => part !== '').join(' ')
  }

  function begin(atMs: number): void {
    if (pending() === '') beganMs = atMs
    if (!started) tell({ type: 'started' })
    started = true
  }

  function end(): void {
    const text = pending()
    if (interim !== '') toldMs = Math.max(toldMs, interimEndMs)
    finals = []
    interim = ''
    if (text === '') return
    started = false
    tell({ type: 'utterance', text })
  }

  function onFinal({ startMs, endMs }: Results, text: string): void {
    if (text !== '') begin(Math.max(startMs, toldMs))
    interim = ''
    toldMs = Math.max(toldMs, endMs)
    if (text === '') return
    finals.push(text)
    tell({ type: 'final', text })
  }

  function onInterim({ startMs, endMs, words }: Results, text: string): void {
    if (text === interim) return
    if (text !== '') begin(Math.max(startMs, toldMs))
    interim = text
    interimEndMs = words.at(-1)?.endMs ?? endMs
    if (text !== '') tell({ type: 'interim', text })
  }

  return {
    get pending() {
      return pending()
    },
    get toldMs() {
      return toldMs
    },
    results(results) {
      const isOld = results.endMs <= toldMs
      const text = isOld ? '' : textSince(results, toldMs)
      if (results.isFinal) onFinal(results, text)
      else if (!isOld) onInterim(results, text)
      if (results.isFinal && results.speechFinal) end()
    },
    started() {
      if (pending() !== '') return
      started = true
      tell({ type: 'started' })
    },
    utteranceEnd(lastWordEndMs = Number.POSITIVE_INFINITY) {
      // Of the utterance before, which speech_final had ended already.
      if (lastWordEndMs > beganMs) end()
    },
    conclude: end,
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
