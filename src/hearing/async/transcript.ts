import type { Heard } from '../recognizer.ts'

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
  let finals: string[] = []
  let guess = ''
  let started = false
  let last: { readonly text: string; readonly atMs: number } | undefined

  function pending(): string {
    return [...finals, guess].filter((part) => part !== '').join(' ')
  }

  function begin(): void {
    if (!started) tell({ type: 'started' })
    started = true
  }

  return {
    get pending() {
      return pending()
    },
    get open() {
      return guess !== ''
    },
    interim(text) {
      if (text === guess) return
      guess = text
      if (text === '') return
      last = undefined
      begin()
      tell({ type: 'interim', text })
    },
    final(text = guess, nowMs) {
      guess = ''
      if (text === '' || (text === last?.text && nowMs - last.atMs < twiceMs)) return
      last = { text, atMs: nowMs }
      begin()
      finals.push(text)
      tell({ type: 'final', text })
    },
    end() {
      const text = pending()
      finals = []
      guess = ''
      if (text === '') return
      started = false
      tell({ type: 'utterance', text })
    },
  }
}
