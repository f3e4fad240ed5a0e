import type { Timer } from '../clock.ts'
import { later } from '../waiting.ts'
import { type Call, note } from './call.ts'
import { dialOut } from './dialling.ts'
import { endCall } from './ending.ts'
import type { Exchange } from './exchange.ts'

export interface DialQueue {
  add(call: Call): void
  /** How long a call that is added now would wait, at the present rate. */
  waitMs(): number
}

/**
 * Dials calls in their order, as many per second as the account may; the rest wait as `queued`, and are cancelled when
 * they have waited for a day (Twilio support, call rate page).
 */
export function createDialQueue(exchange: Exchange): DialQueue {
  const { behaviour, clock, closing } = exchange
  const waiting: { readonly call: Call; readonly patience: Timer }[] = []
  let nextSlotMs = Number.NEGATIVE_INFINITY
  let scheduled = false

  function run(): void {
    scheduled = false
    while (waiting.length > 0 && nextSlotMs <= clock.now() + 0.001) {
      const next = waiting.shift()
      if (!next || next.call.status !== 'queued') continue
      next.patience.cancel()
      nextSlotMs = Math.max(nextSlotMs, clock.now()) + 1000 / behaviour.callsPerSecond
      void dialOut(exchange, next.call)
    }
    if (waiting.length === 0 || scheduled) return
    scheduled = true
    later(clock, nextSlotMs - clock.now(), closing, run)
  }

  return {
    add(call) {
      const patience = later(clock, behaviour.queueLimitMs, call.life.signal, () => {
        note(call, clock.now(), 'waited too long')
        endCall(exchange, call, 'canceled')
      })
      waiting.push({ call, patience })
      // Dialling begins only after the answer to the request has been written.
      if (scheduled) return
      scheduled = true
      later(clock, Math.max(0, nextSlotMs - clock.now()), closing, run)
    },
    waitMs() {
      const ahead = waiting.filter(({ call }) => call.status === 'queued').length
      return Math.max(0, nextSlotMs - clock.now()) + (ahead * 1000) / behaviour.callsPerSecond
    },
  }
}
