import type { Heard } from '../hearing/recognizer.ts'
import { phraseIn } from './phrases.ts'

/** Collects the words of one answer. Pure: whoever waits says when the time is over. */
export interface WordCollection {
  /** Whether words have come. */
  readonly begun: boolean
  /** Something was heard. Returns how the answer ended; undefined: more may come. */
  heard(event: Heard): WordsEnd | undefined
  /** Nothing more was heard for some time: the recognizer need not have noticed the end. Undefined without words. */
  paused(): WordsEnd | undefined
}

/** `nonsense`: words, but none of the phrases. */
export type WordsEnd = { readonly ended: 'speech'; readonly speech: string } | { readonly ended: 'nonsense' }

/** @param wanted `true`: whatever is said */
export function collectWords(wanted: true | readonly string[]): WordCollection {
  return new CollectedWords(wanted)
}

class CollectedWords implements WordCollection {
  readonly #wanted: true | readonly string[]
  #finals: readonly string[] = []
  #interim = ''

  constructor(wanted: true | readonly string[]) {
    this.#wanted = wanted
  }

  get begun(): boolean {
    return this.#said() !== ''
  }

  heard(event: Heard): WordsEnd | undefined {
    if (event.type === 'utterance') return this.#judge(event.text)
    if (event.type === 'interim') this.#interim = event.text
    if (event.type !== 'final') return undefined
    this.#finals = [...this.#finals, event.text]
    this.#interim = ''
    return undefined
  }

  paused(): WordsEnd | undefined {
    const text = this.#said()
    return text === '' ? undefined : this.#judge(text)
  }

  #said(): string {
    return [...this.#finals, this.#interim].filter((text) => text !== '').join(' ')
  }

  #judge(text: string): WordsEnd {
    const speech = this.#wanted === true ? text.trim() : phraseIn(text, this.#wanted)
    return speech === undefined ? { ended: 'nonsense' } : { ended: 'speech', speech }
  }
}
