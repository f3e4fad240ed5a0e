import { randomBytes, randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { asBridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import type { SpeechProvider } from '../speech/provider.ts'
import type { LiveCall } from './live-call.ts'
import type { RecordFacts } from './recorder.ts'
import type { CallRegistry } from './registry.ts'
import type { CallObserver, ObservedCall } from './observer.ts'
import { createCallSession } from './session.ts'
import type { Telephony } from './telephony.ts'
import type { SentenceSplitter } from './utterance.ts'

/** How long past the ringing time nothing may be heard of a call before Twilio is asked what became of it. */
const silenceMs = 20_000

export interface DialRequest {
  /** E.164. */
  readonly to: string
  readonly from: string
  readonly parameters: Readonly<Record<string, string>>
  readonly ringMs: number
  readonly detectVoicemail: boolean
  readonly keepAudio: boolean
  /** Another voice of the speech provider than its usual one. */
  readonly voice?: string
}

export interface CallDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly registry: CallRegistry
  readonly telephony: Telephony
  readonly speech: SpeechProvider
  readonly split: SentenceSplitter
  /** Gives each call the observer that measures it. */
  readonly observe?: ((call: ObservedCall) => CallObserver) | undefined
  /** Keeps the record of a call. Resolves when it is safe, or cannot be made so. */
  readonly record: (call: LiveCall, facts: RecordFacts) => Promise<void>
}

/** Creates a call that somebody makes to us, or that we are about to make, and enters it into the registry. */
export function registerCall(
  deps: CallDeps,
  call: Pick<DialRequest, 'to' | 'from' | 'parameters' | 'keepAudio' | 'voice'> & {
    direction: 'outbound' | 'inbound'
    awaitVerdict: boolean
  },
): LiveCall {
  const { clock, log, speech, split } = deps
  const callId = randomUUID()
  const live = createCallSession({
    ...call,
    callId,
    token: randomBytes(24).toString('base64url'),
    clock,
    log,
    speech,
    split,
    hangUp: (callSid) => deps.telephony.end(callSid),
    observer: deps.observe?.({ callId, direction: call.direction }),
  })
  deps.registry.add(live)
  return live
}

/**
 * Dials. The voice is opened while the phone is; what goes wrong is told by the call's outcome, never thrown. Twilio is
 * asked once the call is on record: a process that dies must find what it left behind.
 */
export function dial(deps: CallDeps, request: DialRequest, facts: RecordFacts): LiveCall {
  const call = registerCall(deps, { ...request, direction: 'outbound', awaitVerdict: request.detectVoicemail })
  const { telephony, registry, clock } = deps
  deps
    .record(call, facts)
    .then(() =>
      telephony.place({
        callId: call.callId,
        token: call.token,
        to: request.to,
        from: request.from,
        ringMs: request.ringMs,
        detectVoicemail: request.detectVoicemail,
        signal: call.signal,
        earlyCallSid: () => call.callSid,
        isKnownCall: (callSid) => registry.byCallSid(callSid) !== undefined,
      }),
    )
    .then(
      ({ callSid }) => call.placed(callSid),
      (thrown: unknown) => {
        const error = asBridgeError(thrown)
        if (error.code === 'twilio.create-unknown') registry.disown(call.callId)
        call.notPlaced(error)
      },
    )

  const askAfterMs = request.ringMs + silenceMs
  let timer: Timer | undefined
  call.signal.addEventListener('abort', () => timer?.cancel(), { once: true })
  askWhenSilent()
  return call

  /** Callbacks may all be lost; then only Twilio itself knows that nobody answered. */
  function askWhenSilent(): void {
    if (call.signal.aborted || call.streamed) return
    timer = clock.after(askAfterMs, () => void ask().then(askWhenSilent))
  }

  async function ask(): Promise<void> {
    const { callSid } = call
    if (callSid === undefined || call.streamed) return
    try {
      call.status(await telephony.status(callSid))
    } catch {
      // No answer says nothing of the call; it is asked after again.
    }
  }
}
