import { BridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import { phoneNumber } from './phone-number.ts'

/** Twilio asks what to do next as soon as our websocket has closed. */
const askWithinMs = 10_000
/** Of a call that is over Twilio may still tell, a moment later, what became of the transfer. */
const tellWithinMs = 5_000
/** No voice is slower than this; that Twilio has said something is known only by its next request. */
const slowestMsPerChar = 200
/** What `<Dial timeout>` takes; Twilio's own default is 30 s. */
const ringing = { usualMs: 30_000, leastMs: 5_000, mostMs: 600_000 }

export interface TransferOptions {
  /** The number shown to whoever is called, E.164: one of the account's. Default: our number of this call. */
  readonly callerId?: string
  /** How long the other phone may ring, 5 s to 600 s; 30 s unless given. */
  readonly timeoutMs?: number
  /** Said by Twilio's voice when nobody answers; then the call ends. */
  readonly otherwise?: string
}

/** What became of a transfer. `cancelled`: the call was over before anybody is known to have answered. */
export interface Transferred {
  readonly ended: 'answered' | 'busy' | 'no-answer' | 'failed' | 'cancelled'
  /** How long the two were connected, in whole seconds of Twilio's. */
  readonly durationMs: number
}

/** Whom Twilio is to connect the call with. */
export interface DialOrder {
  readonly to: string
  readonly callerId: string
  readonly timeoutMs: number
}

/** A call on its way to another number. What Twilio asks may come late, twice, or never. */
export interface Transfer {
  /** Twilio asks what to do, now that the stream is closed: the same answer each time; undefined when it is done. */
  next(): DialOrder | undefined
  /** Twilio tells what became of it; the first word counts. Returns what is to be said before the call ends. */
  dialled(result: Transferred): string | undefined
  /** What was to be said has been said. */
  said(): void
  /** The call is over at Twilio. */
  hungUp(): void
  /** The call ends for another reason: nobody waits for the transfer any longer. */
  stop(reason: BridgeError): void
  /** Whether the other phone rings or is talked with: it goes on without us. */
  readonly connecting: boolean
  readonly result: Transferred | undefined
  readonly outcome: Promise<Transferred>
}

interface TransferDeps {
  readonly clock: Clock
  readonly over: (reason: 'transferred' | 'transfer-failed' | 'callee-hung-up') => void
}

/**
 * @param deps `over` is called at most once, when the outcome of the transfer is known and all of it was said;
 *   `transferred`: somebody answered; `callee-hung-up`: the call was over before Twilio told anything
 */
export function createTransfer(order: DialOrder, otherwise: string | undefined, deps: TransferDeps): Transfer {
  return new DialledTransfer(order, otherwise, deps)
}

class DialledTransfer implements Transfer {
  readonly outcome: Promise<Transferred>
  readonly #settle: Omit<PromiseWithResolvers<Transferred>, 'promise'>
  readonly #order: DialOrder
  readonly #otherwise: string | undefined
  readonly #deps: TransferDeps
  #asked = false
  #over = false
  #told: Transferred | undefined
  #timer: Timer

  constructor(order: DialOrder, otherwise: string | undefined, deps: TransferDeps) {
    const outcome = Promise.withResolvers<Transferred>()
    outcome.promise.catch(() => {})
    this.outcome = outcome.promise
    this.#settle = outcome
    this.#order = order
    this.#otherwise = otherwise
    this.#deps = deps
    this.#timer = deps.clock.after(askWithinMs, () => this.#conclude({ ended: 'failed', durationMs: 0 }))
  }

  get connecting(): boolean {
    return this.#asked && this.#told === undefined
  }

  get result(): Transferred | undefined {
    return this.#told
  }

  next(): DialOrder | undefined {
    if (this.#over || this.#told) return undefined
    // From here on Twilio tells, however long the two may talk.
    if (!this.#asked) this.#timer.cancel()
    this.#asked = true
    return this.#order
  }

  dialled(result: Transferred): string | undefined {
    if (this.#over) return undefined
    const news = this.#told === undefined
    const kept = (this.#told ??= result)
    const otherwise = this.#otherwise
    const isSaid = kept.ended !== 'answered' && otherwise !== undefined
    if (!isSaid) {
      this.#conclude(kept)
      return undefined
    }
    if (news) this.#arm(otherwise.length * slowestMsPerChar + askWithinMs, () => this.#conclude(kept))
    return otherwise
  }

  said(): void {
    if (this.#told) this.#conclude(this.#told)
  }

  hungUp(): void {
    if (this.#over) return
    if (this.#told) return this.#conclude(this.#told)
    this.#arm(tellWithinMs, () => this.#conclude({ ended: 'cancelled', durationMs: 0 }, 'callee-hung-up'))
  }

  stop(reason: BridgeError): void {
    this.#over = true
    this.#timer.cancel()
    this.#settle.reject(reason)
  }

  #arm(ms: number, then: () => void): void {
    this.#timer.cancel()
    this.#timer = this.#deps.clock.after(ms, then)
  }

  #conclude(result: Transferred, reason?: 'callee-hung-up'): void {
    if (this.#over) return
    this.#over = true
    this.#timer.cancel()
    const told = (this.#told ??= result)
    // First: the flow gets the result, and then learns that the call is over.
    this.#settle.resolve(told)
    this.#deps.over(reason ?? (told.ended === 'answered' ? 'transferred' : 'transfer-failed'))
  }
}

/**
 * @param rules `destination` checks the number as that of any call; `own` is our number of the call
 * @throws BridgeError `number.invalid`, `destination.…`
 */
export function dialOrder(
  to: string,
  { callerId, timeoutMs = ringing.usualMs }: TransferOptions,
  rules: { readonly destination: (to: string) => string; readonly own: string },
): DialOrder {
  return {
    to: rules.destination(to),
    callerId: callerId === undefined ? rules.own : phoneNumber(callerId, 'the number to show (callerId)'),
    timeoutMs: Math.min(Math.max(timeoutMs, ringing.leastMs), ringing.mostMs),
  }
}

/** What is said or begun after a call was given away. */
export function givenAway(): BridgeError {
  return new BridgeError('call.ended', 'The call was given to another number; nothing more can be said in it.')
}
