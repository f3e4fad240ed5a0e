import { collectKeys, type KeysEnd } from '../call/keys.ts'
import type { Utterance } from '../call/utterance.ts'
import { collectWords, type WordsEnd } from '../call/words.ts'
import type { Heard } from '../hearing/recognizer.ts'
import type { Clock } from '../ops/clock.ts'
import type { Answer } from './answer.ts'
import { createDeadline } from './deadline.ts'
import type { EarlierKeys } from './earlier-keys.ts'
import type { Line } from './line.ts'
import type { Question } from './question.ts'

/** A recognizer that has heard words and then nothing for so long has missed the end of them. */
const endOfWordsMs = 3_000
/** Nobody speaks longer to answer a question; a radio does. */
const longestWordsMs = 60_000
/** How much longer the first word may take where something was heard: noise is heard for ever. */
const longestNoiseMs = 10_000

/** One asking of a question, from its prompt to its answer. */
export interface Attempt {
  readonly answer: Promise<Answer>
  /** A key that counts. Returns whether it was wanted. */
  key(digit: string): boolean
  /** What the recognizer heard, which counts if the callee has the word. */
  heard(event: Heard): void
  /** Nobody waits for the answer any more. */
  stop(): void
  /** The answer is not wanted any more: the prompt is silenced, and `answer` rejects. */
  giveUp(reason: unknown): void
}

export interface AttemptDeps {
  readonly clock: Clock
  readonly line: Line
  readonly earlier: EarlierKeys
  /** Whether the recognizer has failed. */
  readonly deaf: () => boolean
}

/** @param say says the prompt; undefined: there is none */
export function beginAttempt(
  question: Question,
  say: (() => Utterance) | undefined,
  { clock, line, earlier, deaf }: AttemptDeps,
): Attempt {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const keys = question.keys && collectKeys(question.keys)
  const words = question.speech && collectWords(question.speech)
  const due = createDeadline(clock)
  let over = false
  let prompt: Utterance | undefined
  /** From when on an answer is waited for, and not for the end of the prompt. */
  let listeningMs: number | undefined
  let firstWordMs: number | undefined

  function finish(answer: Answer): void {
    if (over) return
    stop()
    resolve(deaf() ? { ...answer, deaf: true } : answer)
  }

  function stop(): void {
    over = true
    due.cancel()
  }

  function keysEnded(ended: KeysEnd): void {
    if (ended === 'nonsense') finish({ ended })
    else finish({ digits: keys?.digits ?? '', ended })
  }

  function key(digit: string): boolean {
    if (over || !keys) return false
    const ended = keys.press(digit)
    if (ended) keysEnded(ended)
    else due.in(question.betweenKeysMs, () => keysEnded(keys.paused() ?? 'nonsense'))
    return true
  }

  /** The prompt begins, or one that nothing silences has ended: what was pressed before is dropped, or counts. */
  function settleEarlierKeys(): boolean {
    if (!question.keepEarlierKeys) earlier.drop()
    return earlier.feed((digit) => {
      key(digit)
      return { more: !over }
    })
  }

  function wordsEnded(end: WordsEnd | undefined): void {
    if (end) finish(end)
    else if (deaf() && !keys) finish({ ended: 'deaf' })
    else finish({ ended: 'timeout' })
  }

  function heard(event: Heard): void {
    // Keys are pressed on purpose; what is said while pressing them is no answer.
    if (over || !words || (keys && keys.digits !== '')) return
    if (event.type === 'failed') return failed()
    if (!line.opensTo('speech')) return
    const nowMs = clock.now()
    if (event.type === 'started') {
      // Words may follow; noise is no reason to wait for ever.
      if (listeningMs === undefined || words.begun) return
      const latestMs = listeningMs + question.firstMs + longestNoiseMs
      return due.atLeast(Math.min(endOfWordsMs, latestMs - nowMs))
    }
    line.barge('speech')
    firstWordMs ??= nowMs
    const end = words.heard(event)
    if (end) return finish(end)
    due.in(Math.min(endOfWordsMs, firstWordMs + longestWordsMs - nowMs), () => wordsEnded(words.paused()))
  }

  function failed(): void {
    const end = words?.paused()
    // A phrase that it heard before it failed is the answer; half a sentence is none.
    if (question.speech !== true && end?.ended === 'speech') return finish(end)
    if (listeningMs === undefined) return
    if (!keys) return finish({ ended: 'deaf' })
    due.in(question.firstMs, () => finish({ ended: 'timeout' }))
  }

  function listen(): void {
    if (over) return
    listeningMs = clock.now()
    if (deaf() && !keys) return finish({ ended: 'deaf' })
    if (!due.set) due.in(question.firstMs, () => finish({ ended: 'timeout' }))
  }

  async function run(): Promise<void> {
    const silenceable = question.bargeIn !== false
    if (silenceable && line.opensTo('key') && settleEarlierKeys()) return
    const before = line.quiet()
    prompt = say?.()
    await before
    if (over) return
    if (silenceable && settleEarlierKeys()) line.barge('key')
    await prompt
    if (over) return
    if (!silenceable) settleEarlierKeys()
    listen()
  }

  run().catch((thrown: unknown) => {
    stop()
    reject(thrown)
  })
  function giveUp(reason: unknown): void {
    stop()
    prompt?.interrupt()
    reject(reason)
  }

  return { answer: promise, key, heard, stop, giveUp }
}
