import type { Timeline } from './events.ts'
import type { CallSessionOptions } from './session-options.ts'
import type { BridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import type { LiveCall } from './live-call.ts'
import type { Telephony } from './telephony.ts'
import {
  createTransfer,
  dialOrder,
  givenAway,
  type Transfer,
  type TransferOptions,
  type Transferred,
} from './transfer.ts'

/** Nothing is heard of two who talk with each other; and that they are done may never be told. */
const askEveryMs = 60_000

/** The one transfer that a call may have. */
export interface Transferring {
  readonly transfer: Transfer | undefined
  /**
   * Waits until all that was said is heard, and lets Twilio connect another number.
   * Rejects with `number.invalid` or `destination.…`, as what was said does, and with `call.ended`.
   */
  to(to: string, options?: TransferOptions): Promise<Transferred>
}

/**
 * @param deps `drained`: all that was said is heard; `leave` closes the media stream, and returns false when there is
 *   none to close, or the call is over; `end` ends the call
 */
export function createTransferring(
  call: Pick<CallSessionOptions, 'direction' | 'from' | 'to' | 'destination' | 'clock'>,
  deps: {
    readonly timeline: Timeline
    readonly drained: () => Promise<void>
    readonly leave: (why: BridgeError) => boolean
    readonly end: (reason: 'transferred' | 'transfer-failed' | 'callee-hung-up') => void
  },
): Transferring {
  let transfer: Transfer | undefined
  return {
    get transfer() {
      return transfer
    },
    async to(to, options = {}) {
      const own = call.direction === 'outbound' ? call.from : call.to
      const order = dialOrder(to, options, { destination: call.destination, own })
      await deps.drained()
      if (transfer || !deps.leave(givenAway())) throw givenAway()
      transfer = createTransfer(order, options.otherwise, { clock: call.clock, over: deps.end })
      deps.timeline.report({ type: 'transferring' })
      return await transfer.outcome
    },
  }
}

/** Asks Twilio, from time to time, whether a call that was transferred is over: nobody else may tell. */
export function askWhileTransferred(
  deps: { readonly clock: Clock; readonly telephony: Pick<Telephony, 'status'> },
  call: Pick<LiveCall, 'callSid' | 'signal' | 'status' | 'watch'>,
): void {
  let timer: Timer | undefined
  const unwatch = call.watch(({ type }) => {
    if (type === 'transferring') again()
  })
  call.signal.addEventListener(
    'abort',
    () => {
      unwatch()
      timer?.cancel()
    },
    { once: true },
  )

  function again(): void {
    if (call.signal.aborted) return
    timer = deps.clock.after(askEveryMs, () => void ask().then(again))
  }

  async function ask(): Promise<void> {
    if (call.callSid === undefined) return
    try {
      call.status(await deps.telephony.status(call.callSid))
    } catch {
      // No answer says nothing of the call; it is asked after again.
    }
  }
}
