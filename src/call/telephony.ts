import type { CallStatus } from '../twilio/statuses.ts'

/** What a call needs of the phone network: to be placed, asked after, and ended. */
export interface Telephony {
  /**
   * Dials. Resolves with Twilio's id once the call exists; rejects with a BridgeError that a user can act on, in which
   * case no phone rings on our account.
   */
  place(order: CallOrder): Promise<{ readonly callSid: string }>
  /** Ends the call, whatever state it is in. Ending one that is over is no error. */
  end(callSid: string): Promise<void>
  status(callSid: string): Promise<CallStatus>
  /** The ids of calls that came about right after a moment, between two numbers, and that nobody knows. Takes seconds. */
  find(call: {
    readonly to: string
    readonly from: string
    readonly sinceMs: number
    /** From when on calls are ours to know. */
    readonly untilMs: number
    readonly isKnown: (callSid: string) => boolean
  }): Promise<readonly string[]>
}

export interface CallOrder {
  readonly callId: string
  /** Proves, on the media stream, that the stream belongs to this call. */
  readonly token: string
  /** E.164. */
  readonly to: string
  readonly from: string
  /** How long the phone may ring. */
  readonly ringMs: number
  /** How long the call may last once it was answered. */
  readonly maxCallMs: number
  readonly detectVoicemail: boolean
  /** Detection waits for the end of a greeting. */
  readonly awaitBeep: boolean
  /** A call that arrives after this aborted is ended at once. */
  readonly signal: AbortSignal
  /** The id that a callback told, when one came before the answer to our request. */
  readonly earlyCallSid: () => string | undefined
  /** Whether an id belongs to another call of ours. */
  readonly isKnownCall: (callSid: string) => boolean
}
