/** Something that was said in a call. `us`: by our voice, or what stands for it. */
export interface ToldWords {
  readonly by: 'us' | 'twilio' | 'callee'
  readonly text: string
  readonly atMs: number
}

/**
 * What is said in a call, for whoever shows it to a person while it is said. It is no event of the timeline: words
 * stand in no log, no record and no stream of events.
 */
export interface WordsTold {
  /**
   * Calls `listener` with each sentence of ours when the callee begins to hear it, with each that Twilio is to say, and
   * with what a recognizer understood of the callee. A listener that throws disturbs nobody. Returns the way out.
   */
  watchWords(listener: (words: ToldWords) => void): () => void
  tellWords(by: ToldWords['by'], text: string): void
  /** Whether anybody wants to know. */
  wordsWatched(): boolean
}

/** @param now in milliseconds, on the clock of the call */
export function createWordsTold(now: () => number): WordsTold {
  return new WordsForListeners(now)
}

class WordsForListeners implements WordsTold {
  readonly #now: () => number
  #listeners: Set<(words: ToldWords) => void> | undefined

  constructor(now: () => number) {
    this.#now = now
  }

  watchWords(listener: (words: ToldWords) => void): () => void {
    const all = (this.#listeners ??= new Set())
    all.add(listener)
    return () => void all.delete(listener)
  }

  tellWords(by: ToldWords['by'], text: string): void {
    if (!this.#listeners) return
    const words = { by, text: text.trim(), atMs: this.#now() }
    if (words.text === '') return
    for (const listener of this.#listeners) {
      try {
        listener(words)
      } catch {
        this.#listeners.delete(listener)
      }
    }
  }

  wordsWatched(): boolean {
    return this.#listeners !== undefined && this.#listeners.size > 0
  }
}
