import { timingSafeEqual } from 'node:crypto'
import type { LiveCall } from './live-call.ts'
import type { Outcome } from './outcome.ts'

/** The calls of this process that are not over yet, and the rule who may stream into one. */
export interface CallRegistry {
  add(call: LiveCall): void
  byCallId(callId: string): LiveCall | undefined
  byCallSid(callSid: string): LiveCall | undefined
  /** The call a media stream belongs to, or why it belongs to none. */
  admit(stream: {
    readonly callSid: string
    readonly accountSid: string
    readonly parameters: Readonly<Record<string, string>>
  }): { readonly call: LiveCall } | { readonly refused: RefusalReason }
  all(): readonly LiveCall[]
  /** A call that was given up though Twilio may have dialled it: should it turn up, it is to be ended. */
  disown(callId: string): void
  isDisowned(callId: string): boolean
}

export type RefusalReason = 'unknown-call' | 'wrong-token' | 'wrong-account' | 'other-call'

/** Names of the stream parameters that carry a call's id and its token. */
export const streamParameters = { callId: 'callId', token: 'token' } as const

/** How many given-up calls are remembered, the latest: they are rare, and turn up within minutes or never. */
const disownedLimit = 1_000

/** @param accountSid of the account whose media streams are let in */
export function createRegistry(accountSid: string): CallRegistry {
  const calls = new Map<string, LiveCall>()
  const disowned = new Set<string>()
  const over = ({ callId }: Outcome) => void calls.delete(callId)
  return {
    add(call) {
      calls.set(call.callId, call)
      void call.outcome.then(over)
    },
    byCallId: (callId) => calls.get(callId),
    byCallSid(callSid) {
      for (const call of calls.values()) if (call.callSid === callSid) return call
      return undefined
    },
    admit(stream) {
      const call = calls.get(stream.parameters[streamParameters.callId] ?? '')
      if (!call) return { refused: 'unknown-call' }
      if (!sameToken(call.token, stream.parameters[streamParameters.token] ?? '')) return { refused: 'wrong-token' }
      if (stream.accountSid !== accountSid) return { refused: 'wrong-account' }
      // The stream may come before the answer to our request, or instead of it.
      call.placed(stream.callSid)
      return call.callSid === stream.callSid ? { call } : { refused: 'other-call' }
    },
    all: () => [...calls.values()],
    disown(callId) {
      disowned.add(callId)
      const [oldest] = disowned
      if (disowned.size > disownedLimit && oldest !== undefined) disowned.delete(oldest)
    },
    isDisowned: (callId) => disowned.has(callId),
  }
}

function sameToken(expected: string, given: string): boolean {
  const a = Buffer.from(expected)
  const b = Buffer.from(given)
  return a.length === b.length && timingSafeEqual(a, b)
}
