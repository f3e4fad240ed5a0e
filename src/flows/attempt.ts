import { collectKeys, type KeyCollection, type KeysEnd } from '../call/keys.ts'
import type { Utterance } from '../call/utterance.ts'
import { collectWords, type WordCollection, type WordsEnd } from '../call/words.ts'
import type { Heard } from '../hearing/recognizer.ts'
import type { Clock } from '../ops/clock.ts'
import type { Answer } from './answer.ts'
import { createDeadline, type Deadline } from './deadline.ts'
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
export function beginAttempt(question: Question, say: (() => Utterance) | undefined, deps: AttemptDeps): Attempt {
  const attempt = new OneAsking(question, deps)
  attempt.begin(say)
  return attempt
}

class OneAsking implements Attempt {
  readonly answer: Promise<Answer>
  readonly #resolve: (answer: Answer) => void
  readonly #reject: (reason: unknown) => void
  readonly #question: Question
  readonly #deps: AttemptDeps
  readonly #keys: KeyCollection | undefined
  readonly #words: WordCollection | undefined
  readonly #due: Deadline
  #over = false
  #prompt: Utterance | undefined
  /** From when on an answer is waited for, and not for the end of the prompt. */
  #listeningMs: number | undefined
  #firstWordMs: number | undefined

  constructor(question: Question, deps: AttemptDeps) {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    this.answer = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#question = question
    this.#deps = deps
    this.#keys = question.keys && collectKeys(question.keys)
    this.#words = question.speech && collectWords(question.speech)
    this.#due = createDeadline(deps.clock)
  }

  begin(say: (() => Utterance) | undefined): void {
    this.#run(say).catch((thrown: unknown) => {
      this.stop()
      this.#reject(thrown)
    })
  }

  async #run(say: (() => Utterance) | undefined): Promise<void> {
    const { line } = this.#deps
    const silenceable = this.#question.bargeIn !== false
    if (silenceable && line.opensTo('key') && this.#settleEarlierKeys()) return
    const before = line.quiet()
    this.#prompt = say?.()
    await before
    if (this.#over) return
    if (silenceable && this.#settleEarlierKeys()) line.barge('key')
    await this.#prompt
    if (this.#over) return
    if (!silenceable) this.#settleEarlierKeys()
    this.#listen()
  }

  #listen(): void {
    if (this.#over) return
    this.#listeningMs = this.#deps.clock.now()
    if (this.#deps.deaf() && !this.#keys) return this.#finish({ ended: 'deaf' })
    if (!this.#due.set) this.#due.in(this.#question.firstMs, () => this.#finish({ ended: 'timeout' }))
  }

  key(digit: string): boolean {
    const keys = this.#keys
    if (this.#over || !keys) return false
    const ended = keys.press(digit)
    if (ended) this.#keysEnded(ended)
    else this.#due.in(this.#question.betweenKeysMs, () => this.#keysEnded(keys.paused() ?? 'nonsense'))
    return true
  }

  #keysEnded(ended: KeysEnd): void {
    if (ended === 'nonsense') this.#finish({ ended })
    else this.#finish({ digits: this.#keys?.digits ?? '', ended })
  }

  /** The prompt begins, or one that nothing silences has ended: what was pressed before is dropped, or counts. */
  #settleEarlierKeys(): boolean {
    const { earlier } = this.#deps
    if (!this.#question.keepEarlierKeys) earlier.drop()
    return earlier.feed((digit) => {
      this.key(digit)
      return { more: !this.#over }
    })
  }

  heard(event: Heard): void {
    const { clock, line } = this.#deps
    const words = this.#words
    // Keys are pressed on purpose; what is said while pressing them is no answer.
    if (this.#over || !words || (this.#keys && this.#keys.digits !== '')) return
    if (event.type === 'failed') return this.#failed(words)
    if (!line.opensTo('speech')) return
    const nowMs = clock.now()
    if (event.type === 'started') {
      // Words may follow; noise is no reason to wait for ever.
      if (this.#listeningMs === undefined || words.begun) return
      const latestMs = this.#listeningMs + this.#question.firstMs + longestNoiseMs
      return this.#due.atLeast(Math.min(endOfWordsMs, latestMs - nowMs))
    }
    line.barge('speech')
    this.#firstWordMs ??= nowMs
    const end = words.heard(event)
    if (end) return this.#finish(end)
    const longestMs = this.#firstWordMs + longestWordsMs - nowMs
    this.#due.in(Math.min(endOfWordsMs, longestMs), () => this.#wordsEnded(words.paused()))
  }

  #wordsEnded(end: WordsEnd | undefined): void {
    if (end) this.#finish(end)
    else if (this.#deps.deaf() && !this.#keys) this.#finish({ ended: 'deaf' })
    else this.#finish({ ended: 'timeout' })
  }

  /** The recognizer did. */
  #failed(words: WordCollection): void {
    const end = words.paused()
    // A phrase that it heard before it failed is the answer; half a sentence is none.
    if (this.#question.speech !== true && end?.ended === 'speech') return this.#finish(end)
    if (this.#listeningMs === undefined) return
    if (!this.#keys) return this.#finish({ ended: 'deaf' })
    this.#due.in(this.#question.firstMs, () => this.#finish({ ended: 'timeout' }))
  }

  #finish(answer: Answer): void {
    if (this.#over) return
    this.stop()
    this.#resolve(this.#deps.deaf() ? { ...answer, deaf: true } : answer)
  }

  stop(): void {
    this.#over = true
    this.#due.cancel()
  }

  giveUp(reason: unknown): void {
    this.stop()
    this.#prompt?.interrupt()
    this.#reject(reason)
  }
}
