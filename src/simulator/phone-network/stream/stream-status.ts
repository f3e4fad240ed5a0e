import type { Call } from '../call.ts'
import { isoNanoseconds } from '../dates.ts'
import type { Exchange } from '../exchange.ts'
import type { StreamNoun } from '../twiml/verbs.ts'
import { sendWebhook } from '../webhook.ts'

export type StreamEvent = 'stream-started' | 'stream-stopped' | 'stream-error'

/** Stream status callback; `StreamError` stands only in `stream-error` (Twilio docs, TwiML Stream; live captures). */
export function reportStream(
  exchange: Exchange,
  call: Call,
  noun: StreamNoun,
  streamSid: string,
  event: StreamEvent,
  error?: string,
): void {
  if (noun.statusCallback === undefined) return
  const parameters = new Map([
    ['StreamName', noun.name ?? streamSid],
    ['StreamEvent', event],
    ['CallSid', call.sid],
    ['Timestamp', isoNanoseconds(exchange.clock.now())],
    ['AccountSid', call.accountSid],
    ['StreamSid', streamSid],
  ])
  if (error !== undefined) parameters.set('StreamError', error)
  const { statusCallback: url, statusCallbackMethod: method } = noun
  void sendWebhook(exchange, call, { kind: 'stream-status', url, method, parameters })
}
