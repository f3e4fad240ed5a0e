/** One sentence of an utterance, as it is quoted, and how long it is thought to sound. */
export interface Sentence {
  readonly text: string
  readonly estimateMs: number
}

/**
 * The sentences that were heard to their end, joined as they stood in the text.
 *
 * A speech service that sends no word times does not say where in the audio a sentence ends, so the ends are placed by
 * the estimated share of each sentence, stretched to the audio that really came. While audio is still being made the
 * stretch only ever lengthens: a quote may be a sentence short, but never claims one that was not heard.
 */
export function heardText(
  sentences: readonly Sentence[],
  audio: { readonly heardMs: number; readonly sentMs: number; readonly complete: boolean },
): string {
  if (audio.complete && audio.heardMs > 0 && audio.heardMs >= audio.sentMs)
    return joined(sentences.map((sentence) => sentence.text))
  const estimatedMs = sentences.reduce((sum, sentence) => sum + sentence.estimateMs, 0)
  if (estimatedMs === 0 || audio.heardMs === 0) return ''
  const measured = audio.sentMs / estimatedMs
  const stretch = audio.complete ? measured : Math.max(1, measured)
  const heard: string[] = []
  let endMs = 0
  for (const sentence of sentences) {
    endMs += sentence.estimateMs * stretch
    // A tenth of a second of tolerance: the last mark may stand that far behind the sentence's last sound.
    if (endMs > audio.heardMs + 100) break
    heard.push(sentence.text)
  }
  return joined(heard)
}

function joined(texts: readonly string[]): string {
  return texts.join('').trim()
}
