import type { Clock, Timer } from '../ops/clock.ts'
import type { LiveCall } from './live-call.ts'
import type { Telephony } from './telephony.ts'

/** Nothing is heard of two who talk with each other; and that they are done may never be told. */
const askEveryMs = 60_000

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
