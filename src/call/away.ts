import type { BridgeError } from '../errors.ts'
import type { CallFacts } from './describe.ts'
import type { Timeline } from './events.ts'
import { createHandOver, type HandOver } from './hand-over.ts'
import type { EndReason } from './outcome.ts'
import type { CallSessionOptions } from './session-options.ts'
import type { Speaker } from './speaker.ts'
import {
  createTransfer,
  dialOrder,
  givenAway,
  type Transfer,
  type TransferOptions,
  type Transferred,
} from './transfer.ts'
import type { WordsTold } from './words-told.ts'

/** A call that goes on at Twilio without its media stream: Twilio says the rest, or connects another number. */
export interface Away {
  /** Whether it does: that the stream is gone is then what was wanted. */
  gone(): boolean
  transfer(): Transfer | undefined
  /** What was said in a call that was handed over. */
  account(): HandOver['account'] | undefined
  /** See `LiveCall`. */
  handOver(error: BridgeError): boolean
  partForTwilio(index: number): readonly string[] | undefined
  transferTo(to: string, options?: TransferOptions): Promise<Transferred>
  /** Twilio says that the call is over. Returns what that means, unless Twilio is still to tell what became of it. */
  over(): EndReason | undefined
  stop(reason: BridgeError): void
}

/**
 * @param deps `leave` closes the media stream for a reason, and returns false when there is none to close, or the call
 *   is over; `leftToTwilio`: Twilio's own voice goes on
 */
export function createAway(
  call: Pick<CallSessionOptions, 'direction' | 'from' | 'to' | 'destination' | 'clock' | 'apology'>,
  deps: {
    readonly timeline: Timeline
    readonly words: Pick<WordsTold, 'tellWords'>
    readonly speaker: () => Speaker | undefined
    /** What the flow said, where last words followed it. */
    readonly said: () => CallFacts['speaker']
    /** Aborts when the outcome is decided. */
    readonly signal: AbortSignal
    readonly leave: (why: BridgeError) => boolean
    readonly transferring: (transfer: Transfer) => void
    readonly leftToTwilio: (error: BridgeError) => void
    readonly end: (reason: EndReason, error?: BridgeError) => void
  },
): Away {
  const { clock } = call
  const { end } = deps
  let handedOver: HandOver | undefined
  let transfer: Transfer | undefined
  const gone = () => handedOver !== undefined || transfer !== undefined
  return {
    gone,
    transfer: () => transfer,
    account: () => handedOver?.account,
    handOver(error) {
      const speaker = deps.speaker()
      if (gone() || !speaker) return false
      const said = deps.said()
      const { heardMs, sentMs, heardText } = said ?? speaker.account()
      const spoken = { heardMs, sentMs, heardText, unheard: said ? [] : speaker.unheard() }
      if (!deps.leave(error)) return false
      handedOver = createHandOver(clock, spoken, call.apology, error, () => end('speech-failed', error))
      deps.leftToTwilio(error)
      return true
    },
    partForTwilio(index) {
      const part = handedOver?.part(index)
      for (const text of part ?? []) deps.words.tellWords('twilio', text)
      if (handedOver && !part) end('said-by-twilio', handedOver.error)
      return part
    },
    async transferTo(to, options = {}) {
      const own = call.direction === 'outbound' ? call.from : call.to
      const order = dialOrder(to, options, { destination: call.destination, own })
      await deps.speaker()?.drained()
      if (deps.signal.aborted || gone() || !deps.leave(givenAway())) throw givenAway()
      transfer = createTransfer(order, options.otherwise, { clock, over: end })
      deps.transferring(transfer)
      deps.timeline.report({ type: 'transferring' })
      return await transfer.outcome
    },
    over() {
      if (!transfer) return handedOver?.ifOver ?? 'callee-hung-up'
      transfer.hungUp()
      return undefined
    },
    stop(reason) {
      handedOver?.stop()
      transfer?.stop(reason)
    },
  }
}
