import { asBridgeError, type BridgeError } from '../errors.ts'
import type { Timer } from '../ops/clock.ts'
import { streamStripped } from '../twilio/errors.ts'
import { type CallStatus, isTerminal, statusAfter } from '../twilio/statuses.ts'
import { type Away, createAway } from './away.ts'
import type { MediaConnection } from './connection.ts'
import { type CallFacts, describeCall } from './describe.ts'
import { callOver, createEnding, type Ending } from './ending.ts'
import { apologyMs, streamDueMs } from './limits.ts'
import type { LiveCall } from './live-call.ts'
import { type EndReason, type Outcome, reasonOfStatus } from './outcome.ts'
import type { CallSessionOptions } from './session-options.ts'
import { SpokenCall } from './spoken-call.ts'
import type { Transfer, TransferOptions, Transferred } from './transfer.ts'

/** Begins a call: its speech session connects at once. */
export function createCallSession(options: CallSessionOptions): LiveCall {
  return new CallSession(options)
}

class CallSession extends SpokenCall implements LiveCall {
  callSid: string | undefined
  streamed = false
  transferring: Transfer | undefined
  readonly streaming: Promise<void>
  readonly outcome: Promise<Outcome>
  readonly #tell: (outcome: Outcome) => void
  /** Until it is settled. */
  #opening: Omit<PromiseWithResolvers<void>, 'promise'> | undefined
  #status: CallStatus = 'queued'
  #connection: MediaConnection | undefined
  #streamDue: Timer | undefined
  #ended: CallFacts['ended'] | undefined
  #released = false
  #overAtTwilio = false
  /** What the flow said, where it was followed by last words, which are none of its. */
  #said: CallFacts['speaker']
  #lastWordsDue: Timer | undefined
  /** Undefined in a call that Twilio was never asked to go on with. */
  #away: Away | undefined
  /** Undefined until the call is released. */
  #ending: Ending | undefined

  constructor(options: CallSessionOptions) {
    super(options)
    const streaming = Promise.withResolvers<void>()
    this.streaming = streaming.promise
    this.#opening = streaming
    const outcome = Promise.withResolvers<Outcome>()
    this.outcome = outcome.promise
    this.#tell = outcome.resolve
    streaming.promise.catch(() => {})
    this.spokenWith.session.ready.catch((thrown: unknown) => {
      // Whoever has answered is told by Twilio, once the flow says what it cannot say.
      if (this.callee.facts().answeredMs === undefined) this.end('speech-failed', asBridgeError(thrown))
    })
  }

  placed(callSid: string): void {
    if (this.callSid !== undefined) return
    this.callSid = this.known.callSid = callSid
    this.report({ type: 'queued', callSid })
    this.#ending?.placed(callSid)
  }

  notPlaced(error: BridgeError): void {
    // It was cancelled meanwhile, and the reason stands; but a phone may ring that could not be stopped.
    if (this.#ended && error.code !== 'call.ended') {
      this.report({ type: 'trouble', error })
      this.#ended = { ...this.#ended, error: this.#ended.error ?? error }
    }
    this.#isOverAtTwilio()
    this.end('refused', error)
  }

  status(reported: CallStatus): void {
    const status = statusAfter(this.#status, reported)
    if (status === this.#status) return
    this.#status = status
    this.log.debug({ status }, 'call status')
    if (status === 'ringing') this.report({ type: 'ringing' })
    if (status === 'in-progress') this.#answered()
    if (!isTerminal(status)) return
    this.#isOverAtTwilio()
    const hungUp = this.#away ? this.#away.over() : 'callee-hung-up'
    const reason = this.#connection ? hungUp : (reasonOfStatus(status) ?? 'unreachable')
    if (reason) this.end(reason, reason === 'stream-never-opened' ? streamStripped() : undefined)
  }

  #answered(): void {
    if (this.#ended || !this.callee.answered()) return
    if (!this.#connection) {
      const never = () => this.end('stream-never-opened', streamStripped())
      this.#streamDue = this.options.clock.after(streamDueMs, never)
    }
    this.report({ type: 'answered' })
  }

  attach(opened: MediaConnection, streamSid?: string): boolean {
    if (this.#connection || this.#ended) return false
    this.#connection = opened
    this.streamed = true
    this.known.streamSid = streamSid
    this.#streamDue?.cancel()
    this.#streamDue = undefined
    this.#answered()
    this.speakInto(opened)
    this.report({ type: 'streaming' })
    this.#opening?.resolve()
    this.#opening = undefined
    return true
  }

  transfer(to: string, wish?: TransferOptions): Promise<Transferred> {
    return this.#goingAway().transferTo(to, wish)
  }

  handOver(error: BridgeError): boolean {
    return !this.#ended && this.#goingAway().handOver(error)
  }

  partForTwilio(index: number): readonly string[] | undefined {
    return this.#away?.partForTwilio(index)
  }

  #goingAway(): Away {
    this.#away ??= createAway(this.options, {
      timeline: this.timeline,
      words: this,
      signal: this.signal,
      speaker: () => this.speaker,
      said: () => this.#said,
      leave: (why) => this.#leave(why),
      transferring: (transfer) => (this.transferring = transfer),
      leftToTwilio: (error) => this.spokenWith.leftToTwilio(error),
      end: (reason, error) => this.end(reason, error),
    })
    return this.#away
  }

  streamGone(reason: 'callee-hung-up' | 'stream-lost', error?: BridgeError): void {
    if (!this.#away?.gone()) this.end(reason, error)
  }

  async finish(): Promise<void> {
    await this.speaker?.drained()
    await this.#away?.transfer()?.outcome
    await this.callee.answerer()
    if (!this.#ended) this.end('completed')
  }

  apologise(error: BridgeError): void {
    this.lastWords(this.options.apology, apologyMs, 'flow-failed', error)
  }

  lastWords(text: string, withinMs: number, reason: EndReason = 'server-stopped', error?: BridgeError): void {
    if (this.#ended) return
    const { speaker } = this
    if (!speaker || this.#away?.gone()) return this.end(reason, error)
    const over = this.#conclude(reason, error)
    speaker.stop(over)
    speaker.interrupt()
    this.#said = speaker.account()
    const goodbye = () => this.end(reason)
    this.#lastWordsDue = this.options.clock.after(withinMs, goodbye)
    // The server does not stay for Twilio's questions when it stops.
    speaker.lastWords(text).then(goodbye, (thrown) => {
      if (reason === 'server-stopped' || !this.#goingAway().handOver(asBridgeError(thrown))) goodbye()
    })
  }

  /** The one end. It releases everything at once; what must be settled with Twilio follows. */
  end(reason: EndReason, error?: BridgeError): void {
    const over = this.#conclude(reason, error)
    if (this.#released) return
    this.#released = true
    this.#lastWordsDue?.cancel()
    // Whoever is connected with another number needs us no longer.
    if (reason === 'server-stopped' && this.#away?.transfer()?.connecting) this.#overAtTwilio = true
    this.#away?.stop(over)
    // First: what the abort cancels is over because the call is.
    this.speaker?.stop(over)
    this.spokenWith.close(over)
    const kept = this.#ended?.reason ?? reason
    this.#connection?.close(kept === 'server-stopped' ? 1001 : 1000, 'call over')
    this.#settle(kept)
  }

  /** The media stream is closed, and Twilio goes on without it. */
  #leave(why: BridgeError): boolean {
    if (this.#released || !this.#connection || !this.speaker) return false
    this.#lastWordsDue?.cancel()
    this.speaker.stop(why)
    this.spokenWith.close(why)
    this.#connection.close(1000, 'left to Twilio')
    return true
  }

  /** Decides the outcome, once: the first cause is kept. Nothing of the flow passes from now on. */
  #conclude(reason: EndReason, error?: BridgeError): BridgeError {
    const kept = this.#ended?.reason ?? reason
    const over = callOver(kept, error)
    if (this.#ended) return over
    this.#ended = { reason, error, atMs: this.options.clock.now() }
    this.#streamDue?.cancel()
    this.callee.over()
    this.controller.abort(over)
    this.#opening?.reject(over)
    this.#opening = undefined
    this.report({ type: 'ended', reason })
    const { heardMs = 0 } = this.speaker?.account() ?? {}
    const unknownMarks = this.speaker?.unknownMarks() ?? 0
    this.log.info({ state: 'ended', reason, errorCode: error?.code, heardMs, unknownMarks }, 'call ended')
    return over
  }

  /** Twilio did not take the call, or says that it is over. */
  #isOverAtTwilio(): void {
    this.#overAtTwilio = true
    this.#ending?.over()
  }

  /** Nothing may go on at Twilio when the outcome is told. */
  #settle(reason: EndReason): void {
    const { clock, hangUp, observer } = this.options
    this.#ending = createEnding(reason, {
      clock,
      callSid: this.callSid,
      overAtTwilio: this.#overAtTwilio,
      log: this.log,
      hangUp,
      trouble: (error) => this.report({ type: 'trouble', error }),
      tell: () => {
        if (!this.#ended) return
        const outcome = describeCall({
          ...this.facts(),
          callSid: this.callSid,
          transfer: this.#away?.transfer()?.result,
          ended: this.#ended,
          streamed: this.streamed,
          speaker: this.#away?.account() ?? this.#said ?? this.speaker?.account(),
        })
        this.#tell(outcome)
        // Behind what became of the utterances, which their promises tell.
        if (observer) queueMicrotask(() => observer.ended(outcome))
      },
    })
  }
}
