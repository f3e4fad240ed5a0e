import type { Call, Instructions } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import type { Leg } from '../phone/leg.ts'
import type { Method } from '../twiml/verbs.ts'

/** What a running verb works with. */
export interface Running {
  readonly exchange: Exchange
  readonly call: Call
  readonly leg: Leg
  /** Aborts when this TwiML is replaced or the call is over. */
  readonly signal: AbortSignal
  /** Where the document came from; inline TwiML has no address. */
  readonly documentUrl: string | undefined
}

export type Next =
  | { readonly kind: 'next-verb' }
  | { readonly kind: 'hang-up' }
  | { readonly kind: 'goto'; readonly instructions: Instructions; readonly parameters: ReadonlyMap<string, string> }

export const nextVerb: Next = { kind: 'next-verb' }
export const hangUp: Next = { kind: 'hang-up' }

/** Goes on with the TwiML at `url`, which may be relative to the current document. */
export function goTo(
  running: Running,
  url: string,
  method: Method,
  parameters: ReadonlyMap<string, string> = new Map(),
): Next {
  const absolute = URL.parse(url, running.documentUrl)
  // An absolute URL is requested as it was written: parsing it could change what is signed.
  const written = absolute && /^https?:/i.test(url) ? url : absolute?.href
  if (written === undefined) {
    running.exchange.faults.add(11_100, 'expected an absolute http(s) URL, or one relative to a fetched document', {
      callSid: running.call.sid,
    })
    return hangUp
  }
  return { kind: 'goto', instructions: { kind: 'url', url: written, method }, parameters }
}
