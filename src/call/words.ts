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
  let finals: readonly string[] = []
  let interim = ''

  function said(): string {
    return [...finals, interim].filter((text) => text !== '').join(' ')
  }

  function judge(text: string): WordsEnd {
    const speech = wanted === true ? text.trim() : phraseIn(text, wanted)
    return speech === undefined ? { ended: 'nonsense' } : { ended: 'speech', speech }
  }

  return {
    get begun() {
      return said() !== ''
    },
    heard(event) {
      if (event.type === 'utterance') return judge(event.text)
      if (event.type === 'interim') interim = event.text
      if (event.type !== 'final') return undefined
      finals = [...finals, event.text]
      interim = ''
      return undefined
    },
    paused() {
      const text = said()
      return text === '' ? undefined : judge(text)
    },
  }
}
