import { collectKeys, type KeysEnd } from '../call/keys.ts'
import type { Utterance } from '../call/utterance.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import type { Answer } from './answer.ts'
import type { EarlierKeys } from './earlier-keys.ts'
import type { Line } from './line.ts'
import type { Question } from './question.ts'

/** One asking of a question, from its prompt to its answer. */
export interface Attempt {
  readonly answer: Promise<Answer>
  /** A key that counts. */
  key(digit: string): void
  /** Nobody waits for the answer any more. */
  stop(): void
}

/** @param say says the prompt; undefined: there is none */
export function beginAttempt(
  question: Question,
  say: (() => Utterance) | undefined,
  { clock, line, earlier }: { readonly clock: Clock; readonly line: Line; readonly earlier: EarlierKeys },
): Attempt {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const collection = question.keys && collectKeys(question.keys)
  let prompt: Utterance | undefined
  let timer: Timer | undefined
  let over = false

  function finish(answer: Answer): void {
    stop()
    // It may be answered in another way than the one that silences it.
    prompt?.interrupt()
    resolve(answer)
  }

  function stop(): void {
    over = true
    timer?.cancel()
  }

  function wait(ms: number, then: () => void): void {
    timer?.cancel()
    timer = clock.after(ms, then)
  }

  function keysEnded(ended: KeysEnd): void {
    if (ended === 'nonsense') finish({ ended })
    else finish({ digits: collection?.digits ?? '', ended })
  }

  function key(digit: string): void {
    if (over || !collection) return
    const ended = collection.press(digit)
    if (ended) keysEnded(ended)
    else wait(question.betweenKeysMs, () => keysEnded(collection.paused() ?? 'nonsense'))
  }

  /** The prompt begins, or one that nothing silences has ended: what was pressed before is dropped, or counts. */
  function settleEarlierKeys(): boolean {
    if (!question.keepEarlierKeys) earlier.drop()
    return earlier.feed((digit) => {
      key(digit)
      return { more: !over }
    })
  }

  function listen(): void {
    if (!over && !timer) wait(question.firstMs, () => finish({ ended: 'timeout' }))
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
  return { answer: promise, key, stop }
}
