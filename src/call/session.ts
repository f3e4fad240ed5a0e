import { asBridgeError, BridgeError } from '../errors.ts'
import type { Timer } from '../ops/clock.ts'
import { streamStripped } from '../twilio/errors.ts'
import { type CallStatus, isTerminal, statusAfter } from '../twilio/statuses.ts'
import { createAway } from './away.ts'
import { createCallLog } from './call-log.ts'
import { createCallee } from './callee.ts'
import type { MediaConnection } from './connection.ts'
import { type CallFacts, describeCall } from './describe.ts'
import { callOver, createEnding } from './ending.ts'
import { createTimeline } from './events.ts'
import type { LiveCall } from './live-call.ts'
import { createMeter } from './meter.ts'
import { apologyMs, streamDueMs } from './limits.ts'
import { type EndReason, type Outcome, reasonOfStatus } from './outcome.ts'
import type { CallSessionOptions } from './session-options.ts'
import { createSounds } from './sounds.ts'
import { createSpeaker, type Speaker } from './speaker.ts'
import { followState, stateChanged } from './state.ts'
import { openVoice } from './voice.ts'
import { createWordsTold } from './words-told.ts'

/** What changes is set, not got: an object with getters has a shape of its own, which takes 1.5 KB. */
type Changing<T> = { -readonly [Each in keyof T]: T[Each] }

/** Begins a call: its speech session connects at once. */
export function createCallSession(options: CallSessionOptions): LiveCall {
  const { clock, speech, callId, token, direction, parameters, sentences, keepAudio, observer } = options
  const timeline = createTimeline(() => clock.now())
  const words = createWordsTold(() => clock.now())
  let callSid: string | undefined
  let streamSid: string | undefined
  const log = createCallLog(options.log, () => ({ callId, callSid, streamSid }))
  const controller = new AbortController()
  const meter = observer && createMeter(clock, observer)
  let speaker: Speaker | undefined
  /** Outlives `controller` by the last words. */
  const voice = openVoice(options, { log, forwarded: observer?.forwarded, timeline, sent: () => speaker })
  const streaming = Promise.withResolvers<void>()
  const outcome = Promise.withResolvers<Outcome>()
  const callee = createCallee(options, timeline)
  let status: CallStatus = 'queued'
  let connection: MediaConnection | undefined
  let streamDue: Timer | undefined
  let ended: CallFacts['ended'] | undefined
  let released = false
  /** What the flow said, where it was followed by last words, which are none of its. */
  let said: CallFacts['speaker']
  let lastWordsDue: Timer | undefined

  const ending = createEnding({
    clock,
    log,
    hangUp: options.hangUp,
    trouble: (error) => timeline.report({ type: 'trouble', error }),
    tell: () => {
      if (ended) outcome.resolve(describe(ended))
    },
  })

  const away = createAway(options, {
    timeline,
    words,
    signal: controller.signal,
    speaker: () => speaker,
    said: () => said,
    leave,
    transferring: (transfer) => (live.transferring = transfer),
    leftToTwilio: (error) => voice.leftToTwilio(error),
    end,
  })

  function describe(ended: CallFacts['ended']): Outcome {
    return describeCall({
      ...options,
      ...callee.facts(),
      callSid,
      transfer: away.transfer()?.result,
      startedMs: timeline.events[0]?.atMs ?? clock.now(),
      ended,
      streamed: connection !== undefined,
      spokenBy: voice.spokenBy(),
      speaker: away.account() ?? said ?? speaker?.account(),
    })
  }

  function line(): Speaker {
    if (speaker) return speaker
    throw new BridgeError('call.ended', 'Nothing can be said before the media stream is open.')
  }

  function answered(): void {
    if (ended || !callee.answered()) return
    if (!connection) streamDue = clock.after(streamDueMs, () => end('stream-never-opened', streamStripped()))
    timeline.report({ type: 'answered' })
  }

  /** The one end. It releases everything at once; what must be settled with Twilio follows. */
  function end(reason: EndReason, error?: BridgeError): void {
    const over = conclude(reason, error)
    if (released) return
    released = true
    lastWordsDue?.cancel()
    // Whoever is connected with another number needs us no longer.
    if (reason === 'server-stopped' && away.transfer()?.connecting) ending.over()
    away.stop(over)
    // First: what the abort cancels is over because the call is.
    speaker?.stop(over)
    voice.close(over)
    const kept = ended?.reason ?? reason
    connection?.close(kept === 'server-stopped' ? 1001 : 1000, 'call over')
    ending.begin(kept)
  }

  /** The media stream is closed, and Twilio goes on without it. */
  function leave(why: BridgeError): boolean {
    if (released || !connection || !speaker) return false
    lastWordsDue?.cancel()
    speaker.stop(why)
    voice.close(why)
    connection.close(1000, 'left to Twilio')
    return true
  }

  /** Decides the outcome, once: the first cause is kept. Nothing of the flow passes from now on. */
  function conclude(reason: EndReason, error?: BridgeError): BridgeError {
    const kept = ended?.reason ?? reason
    const over = callOver(kept, error)
    if (ended) return over
    ended = { reason, error, atMs: clock.now() }
    streamDue?.cancel()
    callee.over()
    controller.abort(over)
    streaming.reject(over)
    timeline.report({ type: 'ended', reason })
    const { heardMs = 0 } = speaker?.account() ?? {}
    const unknownMarks = speaker?.unknownMarks() ?? 0
    log.info({ state: 'ended', reason, errorCode: error?.code, heardMs, unknownMarks }, 'call ended')
    return over
  }

  function lastWords(text: string, withinMs: number, reason: EndReason = 'server-stopped', error?: BridgeError): void {
    if (ended) return
    if (!speaker || away.gone()) return end(reason, error)
    const over = conclude(reason, error)
    speaker.stop(over)
    speaker.interrupt()
    said = speaker.account()
    const goodbye = () => end(reason)
    lastWordsDue = clock.after(withinMs, goodbye)
    // The server does not stay for Twilio's questions when it stops.
    speaker.lastWords(text).then(goodbye, (thrown) => {
      if (reason === 'server-stopped' || !away.handOver(asBridgeError(thrown))) goodbye()
    })
  }

  streaming.promise.catch(() => {})
  voice.session.ready.catch((thrown: unknown) => {
    // Whoever has answered is told by Twilio, once the flow says what it cannot say.
    if (callee.facts().answeredMs === undefined) end('speech-failed', asBridgeError(thrown))
  })
  if (observer) void outcome.promise.then((told) => observer.ended(told))
  timeline.watch(followState((state, previous) => stateChanged(state, previous, log, observer)))
  timeline.report({ type: 'dialling' })

  const live: Changing<LiveCall> = {
    ...createSounds({ line, timeline, clock, signal: controller.signal }),
    ...timeline,
    ...words,
    callId,
    token,
    direction,
    parameters,
    callSid,
    streamed: false,
    signal: controller.signal,
    streaming: streaming.promise,
    outcome: outcome.promise,
    heardAudio: () => speaker?.heardAudio() ?? new Uint8Array(),

    say: (text, options) => line().say(text, options),
    voice: (choice) => voice.session.choose(choice),
    async finish() {
      await speaker?.drained()
      await away.transfer()?.outcome
      await callee.answerer()
      if (!ended) end('completed')
    },
    end,
    lastWords,
    transfer: (to, wish) => away.transferTo(to, wish),
    transferring: undefined,
    apologise: (error) => lastWords(options.apology, apologyMs, 'flow-failed', error),
    handOver: (error) => !ended && away.handOver(error),
    answerer: () => callee.answerer(),
    answer: (given) => callee.answer(given),
    partForTwilio: (index) => away.partForTwilio(index),
    streamGone(reason, error) {
      if (!away.gone()) end(reason, error)
    },

    placed(sid) {
      if (callSid !== undefined) return
      live.callSid = callSid = sid
      timeline.report({ type: 'queued', callSid: sid })
      ending.placed(sid)
    },
    notPlaced(error) {
      // It was cancelled meanwhile, and the reason stands; but a phone may ring that could not be stopped.
      if (ended && error.code !== 'call.ended') {
        timeline.report({ type: 'trouble', error })
        ended = { ...ended, error: ended.error ?? error }
      }
      ending.over()
      end('refused', error)
    },
    status(reported) {
      const next = statusAfter(status, reported)
      if (next === status) return
      status = next
      log.debug({ status }, 'call status')
      if (status === 'ringing') timeline.report({ type: 'ringing' })
      if (status === 'in-progress') answered()
      if (!isTerminal(status)) return
      ending.over()
      const reason = connection ? away.over() : (reasonOfStatus(status) ?? 'unreachable')
      if (reason) end(reason, reason === 'stream-never-opened' ? streamStripped() : undefined)
    },
    answeredBy: (verdict) => callee.answeredBy(verdict),
    attach(opened, sid) {
      if (connection || ended) return false
      connection = opened
      live.streamed = true
      streamSid = sid
      streamDue?.cancel()
      answered()
      const firstAudio = () => callee.firstAudio()
      const voices = { session: voice.session, sentences, partialText: speech.capabilities.partialText === true }
      speaker = createSpeaker({ clock, timeline, words, connection, meter, keepAudio, firstAudio, ...voices })
      timeline.report({ type: 'streaming' })
      streaming.resolve()
      return true
    },
    echoed: (markName) => speaker?.echoed(markName),
    key: (digit) => callee.key(digit),
  }
  return live
}
