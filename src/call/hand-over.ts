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

/**
 * @param spoken what we said ourselves, and the sentences of it that were not heard
 * @param apology said where nothing is known to be left
 * @param silent called once, when Twilio does not ask for the next part in time
 */
export function createHandOver(
  clock: Clock,
  spoken: Omit<Account, 'whole'> & { readonly unheard: readonly string[] },
  apology: string,
  error: BridgeError,
  silent: () => void,
): HandOver {
  const { heardMs, sentMs, heardText, unheard } = spoken
  const parts = partsOf(unheard.length > 0 ? unheard : [apology])
  let account: Account = { heardMs, sentMs, heardText, whole: false }
  let asked = false
  let timer: Timer = clock.after(askWithinMs, silent)
  return {
    error,
    get ifOver() {
      return asked ? 'callee-hung-up' : 'speech-failed'
    },
    part(index) {
      asked = true
      timer.cancel()
      const part = parts[index]
      if (!part) {
        const whole = unheard.length > 0
        account = { heardMs, sentMs, whole, heardText: whole ? joined([heardText, ...unheard]) : heardText }
        return undefined
      }
      const chars = part.reduce((sum, sentence) => sum + sentence.length, 0)
      timer = clock.after(chars * slowestMsPerChar + askWithinMs, silent)
      return part
    },
    get account() {
      return account
    },
    stop: () => timer.cancel(),
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
