import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Alert, AlertOrder } from './alerts/alert.ts'
import type { DialRequest } from './call/dialler.ts'
import type { LiveCall } from './call/live-call.ts'
import type { PlacedCall, PlaceRequest } from './call/placing.ts'
import type { CallRecords } from './call/records.ts'
import type { Recovery } from './call/recovery.ts'
import type { BridgeError } from './errors.ts'
import type { Flow } from './flows/flow.ts'
import type { Flows } from './flows/flows.ts'
import type { Recognizer } from './hearing/recognizer.ts'
import type { Refusals } from './http/refusals.ts'
import type { Clock } from './ops/clock.ts'
import type { Readiness } from './ops/readiness.ts'
import type { SpeechEvent, SpeechProvider } from './speech/provider.ts'

export interface AppDeps {
  readonly clock: Clock
  readonly log: Logger
  /** The address Twilio reaches us at. Asked for at each use: a tunnel opens after the server listens. */
  readonly publicUrl: () => string
  /** Addresses it had before, which calls under way were created with: Twilio signs with those. */
  readonly formerUrls?: () => readonly string[]
  /** Flows that calls can be placed with and answered by, beside those that ship. */
  readonly ownFlows?: Flows
  /** A speech provider to use instead of the configured one. */
  readonly speech?: SpeechProvider
  /** Told what happens to the speech sessions of calls, as it happens. What it throws is logged and left. */
  readonly onSpeech?: (event: SpeechEvent, callId: string) => void
  /** What listens to callees. */
  readonly recognizer?: Recognizer
  /** TwiML longer than this is served by URL. Default: Twilio's own limit. */
  readonly inlineTwimlLimit?: number
  /** How long Twilio may take to answer a REST request, in the machine's own time. Default: 10 s. */
  readonly restTimeoutMs?: number
  /** Where calls are recorded; closed by whoever opened it. Default: in memory. */
  readonly records?: CallRecords
  /** How late the event loop runs. Default: it is measured. */
  readonly loopDelayMs?: () => number
  /** How often a media socket is looked at. Default: every 2 s. */
  readonly lookEveryMs?: number
}

export interface App {
  readonly server: FastifyInstance
  /** The voice that calls speak with. */
  readonly speech: SpeechProvider
  readonly records: CallRecords
  /** What `/readyz` looks at. */
  readonly readiness: Readiness
  /** Who was not let in, by reason. */
  readonly refusals: Refusals
  /** Why the voice cannot speak a text, to be asked before a phone rings for it; undefined when it can. */
  whyNotSpeakable(text: string): BridgeError | undefined
  /** Checks a request, records it and dials. @throws BridgeError as `placeCall` */
  place(request: PlaceRequest): PlacedCall
  /**
   * Calls down a list until somebody acknowledges.
   *
   * @param calling told of each call as it begins, with whom it is to and their place in the list
   * @throws BridgeError as `Alerts.begin`
   */
  alert(order: AlertOrder, calling?: (call: LiveCall, to: string, place: number) => void): Alert
  /**
   * Dials what was checked, and conducts it by `flow`. What goes wrong stands in the outcome.
   *
   * @throws BridgeError `server.draining` after `drain` or `close` was called, and nothing else
   */
  dial(request: DialRequest, flow?: Flow): LiveCall
  /** Settles the calls that an earlier process, now dead, left unfinished. To be called once, at the start. Never rejects. */
  recover(records: Pick<CallRecords, 'unfinished' | 'save'>): Promise<Recovery>
  /**
   * Points the voice webhook of `TWILIO_FROM_NUMBER` at our public address.
   * @throws BridgeError `config.invalid`, `twilio.rejected`, `twilio.unreachable`
   */
  configureNumber(): Promise<void>
  /** The public address is another one: calls that still ring under the former may not be heard of again, so Twilio is asked. */
  addressChanged(): void
  /** The calls that are not over. */
  calls(): readonly LiveCall[]
  /**
   * Takes no new calls, lets the running ones finish within `DRAIN_TIMEOUT_MS`, and says `DRAIN_SENTENCE` in those that
   * do not. Resolves when none is left. Idempotent.
   */
  drain(): Promise<void>
  /** Ends every call, waits for the outcomes, closes the server. Idempotent. */
  close(): Promise<void>
}
