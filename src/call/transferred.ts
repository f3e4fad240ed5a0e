import type { Clock, Timer } from '../ops/clock.ts'
import type { LiveCall } from './live-call.ts'
import type { Telephony } from './telephony.ts'

/** Nothing is heard of two who talk with each other; and that they are done may never be told. */
const askEveryMs = 60_000

interface Asking {
  readonly clock: Clock
  readonly telephony: Pick<Telephony, 'status'>
}

type AskedAfter = Pick<LiveCall, 'callSid' | 'signal' | 'status' | 'watch'>

/** Asks Twilio, from time to time, whether a call that was transferred is over: nobody else may tell. */
export function askWhileTransferred(deps: Asking, call: AskedAfter): void {
  call.watch(({ type }) => {
    if (type === 'transferring') askOnAndOn(deps, call)
  })
}

function askOnAndOn({ clock, telephony }: Asking, call: AskedAfter): void {
  let timer: Timer | undefined
  call.signal.addEventListener('abort', () => timer?.cancel(), { once: true })
  again()

  function again(): void {
    if (call.signal.aborted) return
    timer = clock.after(askEveryMs, () => void ask().then(again))
  }

  async function ask(): Promise<void> {
    if (call.callSid === undefined) return
    try {
      call.status(await telephony.status(call.callSid))
    } catch {
      // No answer says nothing of the call; it is asked after again.
    }
  }
}
