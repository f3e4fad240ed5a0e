import type { Clock } from '../clock.ts'
import type { NetworkBehaviour } from './behaviour.ts'
import type { Call } from './call.ts'
import type { FaultLog } from './faults.ts'
import type { PhoneSet } from './phone/phone.ts'
import type { Sockets } from './sockets.ts'

export interface Account {
  readonly sid: string
  readonly authToken: string
  /** Numbers of the account, which may be shown as callers and called. */
  readonly numbers: readonly string[]
  /** API keys: they log in, but never sign. */
  readonly apiKeys: readonly { readonly sid: string; readonly secret: string }[]
}

/** A number of the account, and whom it asks when somebody calls it. */
export interface OwnNumber {
  readonly sid: string
  readonly number: string
  /** Empty until one was set. */
  voiceUrl: string
  voiceMethod: 'GET' | 'POST'
  readonly createdAtMs: number
  updatedAtMs: number
}

/** What the parts of the network share. */
export interface Exchange {
  readonly clock: Clock
  readonly account: Account
  readonly behaviour: NetworkBehaviour
  readonly faults: FaultLog
  readonly sockets: Sockets
  /** The same sequence in every run. */
  readonly random: () => number
  /** Aborts when the network closes. */
  readonly closing: AbortSignal
  readonly calls: Call[]
  readonly numbers: readonly OwnNumber[]
  phoneAt(number: string): PhoneSet | undefined
}
