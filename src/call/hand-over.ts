import type { BridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import type { CallFacts } from './describe.ts'

/** Twilio asks what to do next as soon as our websocket has closed. */
const askWithinMs = 10_000
/** No voice is slower than this; Twilio's own voice is not heard by us, so only its next request tells that it is done. */
const slowestMsPerChar = 200
/** Fetched TwiML may have 64 kB (Twilio error 11750); an escaped character takes up to six bytes. */
const charsOfPart = 10_000

type Account = NonNullable<CallFacts['speaker']>

/** What is left of a call's message, for Twilio to say with its own voice when no speech provider can. */
export interface HandOver {
  /**
   * What Twilio is to say when it asks for the n-th time, from 0; undefined when it has said all, which asking proves.
   * The same answer for the same number: Twilio may ask again.
   */
  part(index: number): readonly string[] | undefined
  /** What was said in the call, by us and by Twilio, as far as it is proven. */
  readonly account: Account
  /** What it means when the call ends now: before Twilio asked for anything, nobody can have hung up on it. */
  readonly ifOver: 'callee-hung-up' | 'speech-failed'
  /** Why no provider could go on. */
  readonly error: BridgeError
  stop(): void
}

type Spoken = Omit<Account, 'whole'> & { readonly unheard: readonly string[] }

/**
 * @param spoken what we said ourselves, and the sentences of it that were not heard
 * @param apology said where nothing is known to be left
 * @param silent called once, when Twilio does not ask for the next part in time
 */
export function createHandOver(
  clock: Clock,
  spoken: Spoken,
  apology: string,
  error: BridgeError,
  silent: () => void,
): HandOver {
  return new RestForTwilio(clock, spoken, apology, error, silent)
}

class RestForTwilio implements HandOver {
  readonly error: BridgeError
  account: Account
  readonly #clock: Clock
  readonly #unheard: readonly string[]
  readonly #parts: readonly (readonly string[])[]
  readonly #silent: () => void
  #asked = false
  #timer: Timer

  constructor(clock: Clock, spoken: Spoken, apology: string, error: BridgeError, silent: () => void) {
    const { heardMs, sentMs, heardText, unheard } = spoken
    this.error = error
    this.account = { heardMs, sentMs, heardText, whole: false }
    this.#clock = clock
    this.#unheard = unheard
    this.#parts = partsOf(unheard.length > 0 ? unheard : [apology])
    this.#silent = silent
    this.#timer = clock.after(askWithinMs, silent)
  }

  get ifOver(): HandOver['ifOver'] {
    return this.#asked ? 'callee-hung-up' : 'speech-failed'
  }

  part(index: number): readonly string[] | undefined {
    this.#asked = true
    this.#timer.cancel()
    const part = this.#parts[index]
    if (part) {
      const chars = part.reduce((sum, sentence) => sum + sentence.length, 0)
      this.#timer = this.#clock.after(chars * slowestMsPerChar + askWithinMs, this.#silent)
    } else this.#allSaid()
    return part
  }

  stop(): void {
    this.#timer.cancel()
  }

  /** Twilio may ask again. */
  #allSaid(): void {
    if (this.#unheard.length === 0 || this.account.whole) return
    const { account } = this
    this.account = { ...account, whole: true, heardText: joined([account.heardText, ...this.#unheard]) }
  }
}

function partsOf(sentences: readonly string[]): string[][] {
  const parts: string[][] = []
  let chars = Number.POSITIVE_INFINITY
  for (const sentence of sentences) {
    chars += sentence.length
    if (chars > charsOfPart) {
      parts.push([])
      chars = sentence.length
    }
    parts.at(-1)?.push(sentence)
  }
  return parts
}

function joined(texts: readonly string[]): string {
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .join(' ')
}
