import { type Call, createCall, setStatus } from './call.ts'
import { answered } from './dialling.ts'
import { endCall } from './ending.ts'
import type { Exchange } from './exchange.ts'
import { execute } from './execution.ts'
import type { PhoneSet } from './phone/phone.ts'
import { createProgress } from './progress.ts'
import type { Verb } from './twiml/verbs.ts'

export interface InboundOptions {
  readonly from: string
  readonly to: string
  readonly voiceUrl: string
  readonly statusCallback: string | undefined
}

const defaultTimeLimitMs = 14_400_000

/** Somebody calls a number of the account: its voice URL is asked what to do while the phone rings. */
export function dialIn(exchange: Exchange, set: PhoneSet, options: InboundOptions): Call {
  const { clock } = exchange
  const instructions = { kind: 'url', url: options.voiceUrl, method: 'POST' } as const
  const call = createCall(
    {
      accountSid: exchange.account.sid,
      to: options.to,
      from: options.from,
      direction: 'inbound',
      status: 'ringing',
      options: {
        instructions,
        fallback: undefined,
        timeoutMs: 60_000,
        timeLimitMs: defaultTimeLimitMs,
        sendDigits: undefined,
        detection: undefined,
        asyncDetection: undefined,
      },
    },
    clock.now(),
  )
  call.dialledAtMs = clock.now()
  exchange.calls.push(call)
  if (options.statusCallback !== undefined)
    call.progress = createProgress(exchange, call, {
      url: options.statusCallback,
      method: 'POST',
      // A number's status callback tells the end only.
      events: new Set(['completed']),
    })
  const leg = set.connect()
  call.phone = { set, leg }
  const abandon = leg.hungUp.add(() => endCall(exchange, call, 'no-answer', 'phone'))
  setStatus(call, 'ringing', clock.now())

  /** `<Reject>` as the first verb is the only way not to answer. */
  const begin = (verbs: readonly Verb[]): boolean => {
    abandon()
    const first = verbs[0]
    if (first?.verb === 'Reject') {
      endCall(exchange, call, first.reason === 'busy' ? 'busy' : 'no-answer')
      return false
    }
    answered(exchange, call, leg)
    return true
  }
  void execute(exchange, call, leg, instructions, begin)
  return call
}
