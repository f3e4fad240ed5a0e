/** One sentence of an utterance, as it is quoted, and how long it is thought to sound. */
export interface Sentence {
  readonly text: string
  /** Milliseconds, pauses included. */
  readonly estimateMs: number
  /** The part of it that is pauses, which are as long as they say. */
  readonly pauseMs: number
}

/** A sentence may take this much of its share of the audio, at most and at least: estimates are right within that. */
const slowest = 1.6
const fastest = 0.6

/**
 * The sentences that were surely heard to their end, joined as they stood in the text.
 *
 * A speech service that sends no word times does not say where in the audio a sentence ends. Each sentence is given
 * its estimated share of the audio that came, and counts as heard when it would have been even if it and those before
 * it took the longest such a share may take, or those behind it the shortest. A quote is therefore often a sentence
 * short, and claims none that was not heard, as long as no estimate is wrong by more than the two factors.
 */
export function heardText(
  sentences: readonly Sentence[],
  audio: { readonly heardMs: number; readonly sentMs: number; readonly complete: boolean },
): string {
  const { heardMs, sentMs, complete } = audio
  if (heardMs === 0) return ''
  if (complete && heardMs >= sentMs) return joined(sentences)
  const pausesMs = sum(sentences.map((sentence) => sentence.pauseMs))
  const speechMs = sum(sentences.map(speechOf))
  const measured = speechMs === 0 ? 1 : Math.max(0, sentMs - pausesMs) / speechMs
  // Audio that is still being made says nothing of the pace, unless it is slower than thought already.
  const pace = complete ? measured : Math.max(1, measured)
  const heard: Sentence[] = []
  let latestEndMs = 0
  let restMs = speechMs * pace * fastest
  for (const sentence of sentences) {
    latestEndMs += sentence.pauseMs + speechOf(sentence) * pace * slowest
    restMs -= speechOf(sentence) * pace * fastest
    const endMs = complete ? Math.min(latestEndMs, sentMs - restMs) : latestEndMs
    if (endMs > heardMs) break
    heard.push(sentence)
  }
  return joined(heard)
}

function speechOf(sentence: Sentence): number {
  return Math.max(0, sentence.estimateMs - sentence.pauseMs)
}

function joined(sentences: readonly Sentence[]): string {
  return sentences
    .map((sentence) => sentence.text)
    .join('')
    .trim()
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
