import { randomBytes, randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { asBridgeError, BridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import type { SpeechEvent, SpeechProvider, VoiceChoice } from '../speech/provider.ts'
import { askWhileTransferred } from './transferred.ts'
import { type CallLimits, limitCall } from './limits.ts'
import type { LiveCall } from './live-call.ts'
import type { RecordFacts } from './recorder.ts'
import type { CallRegistry } from './registry.ts'
import type { CallObserver, ObservedCall } from './observer.ts'
import { createCallSession } from './session.ts'
import type { Telephony } from './telephony.ts'
import type { Sentences } from './script.ts'

/** How long past the ringing time nothing may be heard of a call before Twilio is asked what became of it. */
const silenceMs = 20_000

export interface DialRequest {
  /** E.164. */
  readonly to: string
  readonly from: string
  readonly parameters: Readonly<Record<string, string>>
  readonly ringMs: number
  readonly detectVoicemail: boolean
  /** Detection tells of a machine at the end of its greeting, not at the beginning. */
  readonly awaitBeep?: boolean
  readonly keepAudio: boolean
  /** How to speak, where not as the speech provider is set up. */
  readonly voice?: VoiceChoice
  /** What it will surely say first, in that order: rendered while the phone rings. */
  readonly texts?: readonly string[]
}

export interface CallDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly registry: CallRegistry
  readonly telephony: Telephony
  readonly speech: SpeechProvider
  readonly sentences: Sentences
  /** Told what happens to the speech sessions of calls. */
  readonly onSpeech?: ((event: SpeechEvent, callId: string) => void) | undefined
  /** Gives each call the observer that measures it. */
  readonly observe?: ((call: ObservedCall) => CallObserver) | undefined
  /** Keeps the record of a call. Resolves when it is safe, or cannot be made so. */
  readonly record: (call: LiveCall, facts: RecordFacts) => Promise<void>
  readonly limits: CallLimits
  /** See `CallSessionOptions`. */
  readonly apology: string
  readonly destination: (to: string) => string
  /** Whether the server is stopping: nobody is dialled then. */
  readonly stopping: () => boolean
}

/** Creates a call that somebody makes to us, or that we are about to make, and enters it into the registry. */
export function registerCall(
  deps: CallDeps,
  call: Pick<DialRequest, 'to' | 'from' | 'parameters' | 'keepAudio' | 'voice' | 'texts' | 'awaitBeep'> & {
    direction: 'outbound' | 'inbound'
    awaitVerdict: boolean
  },
): LiveCall {
  const { clock, log, speech, sentences } = deps
  const callId = randomUUID()
  // No spread: an object that is spread and added to is two, as long as the call lasts.
  const live = createCallSession({
    direction: call.direction,
    to: call.to,
    from: call.from,
    parameters: call.parameters,
    keepAudio: call.keepAudio,
    voice: call.voice,
    texts: call.texts,
    awaitVerdict: call.awaitVerdict,
    awaitBeep: call.awaitBeep,
    callId,
    token: randomBytes(24).toString('base64url'),
    clock,
    log,
    speech,
    sentences,
    apology: deps.apology,
    destination: deps.destination,
    onSpeech: deps.onSpeech,
    hangUp: (callSid) => deps.telephony.end(callSid),
    observer: deps.observe?.({ callId, direction: call.direction }),
  })
  limitCall(live, deps.limits, clock)
  askWhileTransferred(deps, live)
  deps.registry.add(live)
  return live
}

/**
 * Dials. The voice is opened while the phone is; what goes wrong is told by the call's outcome. Twilio is asked once the
 * call is on record: a process that dies must find what it left behind.
 *
 * @throws BridgeError `server.draining`, and nothing else
 */
export function dial(deps: CallDeps, request: DialRequest, facts: RecordFacts): LiveCall {
  if (deps.stopping())
    throw new BridgeError('server.draining', 'The server is stopping and takes no new calls. Try another one.')
  const call = registerCall(deps, { ...request, direction: 'outbound', awaitVerdict: request.detectVoicemail })
  const { telephony, registry } = deps
  deps
    .record(call, facts)
    .then(() =>
      telephony.place({
        callId: call.callId,
        token: call.token,
        to: request.to,
        from: request.from,
        ringMs: request.ringMs,
        maxCallMs: deps.limits.maxCallMs,
        detectVoicemail: request.detectVoicemail,
        awaitBeep: request.awaitBeep ?? false,
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
  askWhenSilent(deps, call, request.ringMs + silenceMs)
  return call
}

/**
 * Asks Twilio what became of a call, every `everyMs` until its media stream is open: callbacks may all be lost, and
 * then only Twilio itself knows that nobody answered.
 */
export function askWhenSilent(
  deps: Pick<CallDeps, 'clock' | 'telephony'>,
  call: Pick<LiveCall, 'callSid' | 'signal' | 'streamed' | 'status'>,
  everyMs: number,
): void {
  let timer: Timer | undefined
  call.signal.addEventListener('abort', () => timer?.cancel(), { once: true })
  again()

  function again(): void {
    if (call.signal.aborted || call.streamed) return
    timer = deps.clock.after(everyMs, () => void ask().then(again))
  }

  async function ask(): Promise<void> {
    const { callSid } = call
    if (callSid === undefined || call.streamed) return
    try {
      call.status(await deps.telephony.status(callSid))
    } catch {
      // No answer says nothing of the call; it is asked after again.
    }
  }
}
