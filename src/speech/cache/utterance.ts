import type { SpeechInput, SpeechSink } from '../provider.ts'
import type { Rendering, Want } from './rendering.ts'

/** One utterance of a session of the cache, from `speak` to its end. */
export interface Utterance {
  readonly sink: SpeechSink
  readonly texts: string[]
  textEnded: boolean
  /** What was pushed will be looked at in a microtask. */
  looking: boolean
  /** Where pushed text goes at once, since it comes in parts. */
  passedTo: SpeechInput | undefined
  rendering: Rendering | undefined
  want: Want | undefined
  leave: () => void
  /** Chunks that were passed on. */
  given: number
  over: boolean
}

export function createUtterance(sink: SpeechSink): Utterance {
  return {
    sink,
    texts: [],
    textEnded: false,
    looking: false,
    passedTo: undefined,
    rendering: undefined,
    want: undefined,
    leave: () => {},
    given: 0,
    over: false,
  }
}

/** The side of it that is given text. `decide` is told, once what was pushed together is known, that there is some. */
export function inputOf(
  utterance: Utterance,
  { decide, cancel }: { decide: (utterance: Utterance) => void; cancel: () => void },
): SpeechInput {
  function look(): void {
    if (utterance.looking) return
    utterance.looking = true
    queueMicrotask(() => {
      utterance.looking = false
      decide(utterance)
    })
  }
  return {
    push(text) {
      if (utterance.over || utterance.textEnded || text.trim() === '') return
      utterance.texts.push(text)
      if (utterance.passedTo) utterance.passedTo.push(text)
      else look()
    },
    end() {
      if (utterance.over || utterance.textEnded) return
      utterance.textEnded = true
      if (utterance.passedTo) utterance.passedTo.end()
      else look()
    },
    cancel,
  }
}
