import { asBridgeError, BridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import type { CallLog } from './call-log.ts'
import type { EndReason } from './outcome.ts'

/** After a normal end Twilio ends the call by itself; only when it has not said so by then is it told to. */
const confirmMs = 2_000
/** A call that we have hung up is called back about once more; nobody would answer if we were gone by then. */
const lastCallbackMs = 1_000
/** However the end goes, it is told within this time. */
const tellMs = 4_000

/** Ends after which Twilio runs on to `<Hangup/>`. */
const gently: ReadonlySet<EndReason> = new Set([
  'completed',
  'said-by-twilio',
  'callee-hung-up',
  'transferred',
  'transfer-failed',
])

/** The way from our end of a call to Twilio's: nothing may go on there when the outcome is told. */
export interface Ending {
  /** Twilio's id became known; before, there is nothing that could be hung up. */
  placed(callSid: string): void
  /** Twilio did not take the call, or says that it is over. */
  over(): void
}

interface EndingOptions {
  readonly clock: Clock
  readonly log: Pick<CallLog, 'error'>
  /** Twilio's id, where it is known already. */
  readonly callSid: string | undefined
  readonly overAtTwilio: boolean
  readonly hangUp: (callSid: string) => Promise<void>
  readonly trouble: (error: BridgeError) => void
  readonly tell: () => void
}

/**
 * @param options `tell` is called exactly once, within four seconds of the call's id being known, or at once; `trouble`
 *   when the call could not be ended at Twilio
 */
export function createEnding(reason: EndReason, options: EndingOptions): Ending {
  return new EndingAtTwilio(reason, options)
}

class EndingAtTwilio implements Ending {
  readonly #reason: EndReason
  readonly #options: EndingOptions
  readonly #timers: Timer[] = []
  #callSid: string | undefined
  #overAtTwilio: boolean
  #told = false

  constructor(reason: EndReason, options: EndingOptions) {
    this.#reason = reason
    this.#options = options
    this.#callSid = options.callSid
    this.#overAtTwilio = options.overAtTwilio
    this.#proceed()
  }

  placed(callSid: string): void {
    this.#callSid ??= callSid
    this.#proceed()
  }

  over(): void {
    this.#overAtTwilio = true
    this.#proceed()
  }

  #proceed(): void {
    if (this.#told) return
    if (this.#overAtTwilio) return this.#tell()
    if (this.#callSid === undefined || this.#timers.length > 0) return
    const sid = this.#callSid
    // Closing the socket lets Twilio run on to <Hangup/>. Everything else is not left to it.
    const gentle = gently.has(this.#reason)
    this.#after(tellMs, () => this.#tell())
    // Callbacks that have not come by then are lost.
    if (gentle) this.#after(confirmMs, () => this.#hangUp(sid, () => this.#tell()))
    else this.#hangUp(sid, () => this.#awaitCallback())
  }

  /** @param hungUp what is done when Twilio has ended it */
  #hangUp(sid: string, hungUp: () => void): void {
    this.#options.hangUp(sid).then(hungUp, (thrown: unknown) => {
      const error = asBridgeError(thrown)
      this.#options.log.error(
        { callSid: sid, errorCode: error.code },
        'the call could not be ended at Twilio; it may still be open',
      )
      if (!this.#told) this.#options.trouble(error)
      this.#tell()
    })
  }

  #awaitCallback(): void {
    if (!this.#told) this.#after(lastCallbackMs, () => this.#tell())
  }

  #after(ms: number, then: () => void): void {
    this.#timers.push(this.#options.clock.after(ms, then))
  }

  #tell(): void {
    if (this.#told) return
    this.#told = true
    for (const timer of this.#timers) timer.cancel()
    this.#options.tell()
  }
}

/** What everything that is awaited in a call rejects with once it is over. */
export function callOver(reason: EndReason, cause: BridgeError | undefined): BridgeError {
  return new BridgeError('call.ended', `The call is over: ${reason}.`, { details: { reason }, cause })
}
