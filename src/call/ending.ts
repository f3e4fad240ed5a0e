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
  begin(reason: EndReason): void
  /** Twilio's id became known; before, there is nothing that could be hung up. */
  placed(callSid: string): void
  /** Twilio did not take the call, or says that it is over. */
  over(): void
}

/**
 * @param options `tell` is called exactly once, after `begin`, within four seconds of the call's id being known;
 *   `trouble` when the call could not be ended at Twilio
 */
export function createEnding(options: {
  readonly clock: Clock
  readonly log: Pick<CallLog, 'error'>
  readonly hangUp: (callSid: string) => Promise<void>
  readonly trouble: (error: BridgeError) => void
  readonly tell: () => void
}): Ending {
  const timers: Timer[] = []
  let begun: EndReason | undefined
  let callSid: string | undefined
  let overAtTwilio = false
  let told = false

  function tell(): void {
    if (told) return
    told = true
    for (const timer of timers) timer.cancel()
    options.tell()
  }

  /** @param hungUp what is done when Twilio has ended it */
  function hangUp(sid: string, hungUp: () => void): void {
    options.hangUp(sid).then(hungUp, (thrown: unknown) => {
      const error = asBridgeError(thrown)
      options.log.error(
        { callSid: sid, errorCode: error.code },
        'the call could not be ended at Twilio; it may still be open',
      )
      if (!told) options.trouble(error)
      tell()
    })
  }

  function awaitCallback(): void {
    if (!told) timers.push(options.clock.after(lastCallbackMs, tell))
  }

  function proceed(): void {
    if (begun === undefined || told) return
    if (overAtTwilio) return tell()
    if (callSid === undefined || timers.length > 0) return
    const sid = callSid
    // Closing the socket lets Twilio run on to <Hangup/>. Everything else is not left to it.
    const gentle = gently.has(begun)
    timers.push(options.clock.after(tellMs, tell))
    // Callbacks that have not come by then are lost.
    if (gentle) timers.push(options.clock.after(confirmMs, () => hangUp(sid, tell)))
    else hangUp(sid, awaitCallback)
  }

  return {
    begin(reason) {
      begun ??= reason
      proceed()
    },
    placed(sid) {
      callSid ??= sid
      proceed()
    },
    over() {
      overAtTwilio = true
      proceed()
    },
  }
}

/** What everything that is awaited in a call rejects with once it is over. */
export function callOver(reason: EndReason, cause: BridgeError | undefined): BridgeError {
  return new BridgeError('call.ended', `The call is over: ${reason}.`, { details: { reason }, cause })
}
