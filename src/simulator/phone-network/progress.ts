import type { PendingCallback } from './behaviour.ts'
import { type Call, isTerminal } from './call.ts'
import { statusParameters } from './call-parameters.ts'
import type { Exchange } from './exchange.ts'
import type { Progress, ProgressEvent, ProgressOptions } from './progress-events.ts'
import { wait } from '../waiting.ts'
import { sendWebhook } from './webhook.ts'

interface Callback extends PendingCallback {
  readonly parameters: ReadonlyMap<string, string>
}

export function createProgress(exchange: Exchange, call: Call, options: ProgressOptions): Progress {
  const { behaviour, clock, closing } = exchange
  let sequenceNumber = 0
  let held: Callback[] = []

  async function deliver(callback: Callback): Promise<void> {
    const delay = behaviour.statusCallbackDelayMs
    const delayMs = typeof delay === 'function' ? delay(callback) : delay
    if (delayMs > 0 && !(await wait(clock, delayMs, closing))) return
    const { url, method } = options
    for (let copy = 0; copy < behaviour.statusCallbackCopies; copy++)
      await sendWebhook(exchange, call, { kind: 'status', url, method, parameters: callback.parameters })
  }

  async function deliverAll(callbacks: readonly Callback[]): Promise<void> {
    for (const callback of callbacks) await deliver(callback)
  }

  return {
    report(event) {
      if (!options.events.has(event)) return
      const callStatus = event === 'answered' ? 'in-progress' : event === 'completed' ? call.status : event
      const details = {
        callStatus,
        sequenceNumber: sequenceNumber++,
        atMs: clock.now(),
        stirStatus: behaviour.stirStatus,
      }
      const parameters = statusParameters(call, details)
      const callback = { callSid: call.sid, callStatus, sequenceNumber: details.sequenceNumber, parameters }
      if (isLost(behaviour.statusCallbackLoss, callback, event)) return
      if (behaviour.statusCallbackOrder === 'in-order') {
        void deliver(callback)
        return
      }
      held.unshift(callback)
      if (!isTerminal(call.status)) return
      void deliverAll(held)
      held = []
    },
  }
}

function isLost(
  loss: Exchange['behaviour']['statusCallbackLoss'],
  callback: PendingCallback,
  event: ProgressEvent,
): boolean {
  if (typeof loss === 'function') return loss(callback)
  return loss === 'all' || (loss === 'terminal' && event === 'completed')
}
