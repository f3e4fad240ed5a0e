import type { Call } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import type { Leg } from '../phone/leg.ts'
import type { StreamNoun } from '../twiml/verbs.ts'

/** What a stream is opened with. */
export interface StreamOptions {
  readonly exchange: Exchange
  readonly call: Call
  readonly leg: Leg
  /** The stream is stopped when this aborts. */
  readonly signal: AbortSignal
  readonly bidirectional: boolean
  readonly noun: StreamNoun
  readonly url: string
  readonly parameters: Readonly<Record<string, string>>
}
