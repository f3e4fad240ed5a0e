import { hasWords } from '../markup.ts'
import { shortestSpeechMs } from '../shortest-speech.ts'
import type { SpeechInput, SpeechSink } from '../provider.ts'

/** One utterance of the call, whoever speaks it. Changed in place. */
export interface Sentence {
  readonly sink: SpeechSink
  /** Kept to its end, in case another provider has to say it from the beginning. */
  readonly texts: string[]
  inputEnded: boolean
  input: SpeechInput | undefined
  /** Sound passed on since it was begun (by the present provider). */
  passedMs: number
  /** The least sound its text must make. */
  leastMs: number
  over: boolean
}

export function createSentence(sink: SpeechSink): Sentence {
  return { sink, texts: [], inputEnded: false, input: undefined, passedMs: 0, leastMs: 0, over: false }
}

export function addText(sentence: Sentence, text: string): void {
  sentence.texts.push(text)
  const whole = sentence.texts.join('')
  sentence.leastMs = hasWords(whole) ? shortestSpeechMs(whole) : 0
}

/** What a provider that begins with it now is given. `whole`: it takes a sentence only in one piece, once it is complete. */
export function textsToGive({ texts, inputEnded }: Sentence, whole: boolean): readonly string[] {
  if (!whole) return texts
  return inputEnded ? [texts.join('')] : []
}

/**
 * Whether silence now is a fault of the provider: it owes the first audio of a text, or the rest of one that is
 * complete. A writer may take its time; and a provider that does not tell the end is not blamed once all may have come.
 */
export function owesAudio(sentence: Sentence, tellsEnd: boolean | undefined): boolean {
  if (sentence.leastMs === 0) return false
  if (sentence.passedMs === 0) return true
  return sentence.inputEnded && (tellsEnd === true || sentence.passedMs < sentence.leastMs)
}
