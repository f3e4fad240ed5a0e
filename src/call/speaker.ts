import { bytesToMs } from '../audio/duration.ts'
import type { Clock } from '../ops/clock.ts'
import { BridgeError } from '../errors.ts'
import type { ChangingSession } from '../speech/changing.ts'
import type { MediaConnection } from './connection.ts'
import type { Timeline } from './events.ts'
import { createLead, leadMs } from './lead.ts'
import { createLedger } from './ledger.ts'
import type { Meter } from './meter.ts'
import { createPlaybackWatch, echoMarginMs } from './playback-watch.ts'
import { type SayOptions, type Script, type Sentences, wholeScript, type Writer } from './script.ts'
import { type Delivery, createUtterance, type Utterance, type UtteranceLine } from './utterance.ts'
import { createWriting } from './writing.ts'

/** Sound between two marks: how finely the program knows what was heard, against one small frame each. */
const markEveryMs = 250

export interface Speaker {
  /**
   * Queues a text, or one that is still being written. The promise resolves when it was heard (or interrupted) and
   * rejects when it cannot be.
   */
  say(text: string | Writer, options?: SayOptions): Utterance
  /** Silences the line: Twilio's buffer is cleared, every utterance that is not wholly heard ends as interrupted. */
  interrupt(): void
  /** A mark came back from Twilio. */
  echoed(markName: string): void
  /** Says something after `stop`, which is none of the utterances: it stands in no account of what was heard. */
  lastWords(text: string): Promise<unknown>
  /** The call is over: every utterance that is not heard rejects with `error`. */
  stop(error: BridgeError): void
  /** Resolves when nothing is left to be heard; rejects with the first failure of an utterance. */
  drained(): Promise<void>
  readonly heardMs: number
  readonly sentMs: number
  /** Sound handed to Twilio and not yet proven heard. */
  readonly outstandingMs: number
  /** The sentences that were to be said and were not heard whole, in order. */
  readonly unheard: readonly string[]
  /** Whether something was said and every word of it was heard. */
  readonly whole: boolean
  readonly heardText: string
  /** Marks that Twilio returned and we never sent: a fault of the peer, counted. */
  readonly unknownMarks: number
  /** The audio that was sent and confirmed as heard, per utterance in order (only when audio is kept). */
  heardAudio(): Uint8Array
}

export interface SpeakerOptions {
  readonly clock: Clock
  readonly timeline: Timeline
  readonly session: Pick<ChangingSession, 'take'>
  readonly connection: MediaConnection
  readonly frames: { media(payload: string): string; mark(name: string): string; clear(): string }
  readonly sentences: Sentences
  /** Whether the speech service takes words. */
  readonly partialText: boolean
  readonly keepAudio: boolean
  readonly firstAudio: () => void
  readonly meter?: Meter | undefined
}

/** Speaks into one media stream: from the speech session's chunks to Twilio's frames, and the book of what was heard. */
export function createSpeaker(options: SpeakerOptions): Speaker {
  const { clock, timeline, session, connection, frames, meter } = options
  const ledger = createLedger()
  const lead = createLead(() => clock.now())
  const watch = createPlaybackWatch(clock, ledger, (outstandingMs) => fail(unconfirmed(outstandingMs)))
  const utterances: Delivery[] = []
  let anyAudio = false
  let unknownMarks = 0
  let over: BridgeError | undefined
  let last: Delivery | undefined

  function mark(): void {
    if (ledger.unmarkedMs === 0) return
    const name = ledger.mark()
    connection.send(frames.mark(name))
    meter?.marked(name)
    watch.marked()
  }

  const line: UtteranceLine = {
    ledger,
    keepAudio: options.keepAudio,
    play(id, payload, audioBytes) {
      connection.send(frames.media(payload))
      meter?.sent(audioBytes)
      ledger.sent(id, audioBytes)
      lead.received(bytesToMs(audioBytes))
      if (!anyAudio) {
        anyAudio = true
        options.firstAudio()
      }
      if (ledger.unmarkedMs >= markEveryMs) mark()
    },
    mark,
    moreToFeed: () => feed(),
  }

  /**
   * Text goes to the speech service in the order it was said, and so far ahead only.
   *
   * @param atLeast pieces to be given however far ahead
   */
  function feed(atLeast = 0): void {
    if (over) return
    const unheard = open()
    if (unheard.every((utterance) => utterance.spoken)) lead.settled()
    let given = 0
    for (const utterance of unheard) {
      for (;;) {
        if (given >= atLeast && lead.aheadMs(ledger.outstandingMs) >= leadMs) return
        const estimateMs = utterance.feed()
        // What is said next waits until this is written.
        if (estimateMs === undefined && utterance.writing) return
        if (estimateMs === undefined) break
        given++
        lead.gave(estimateMs)
      }
    }
  }

  function fail(error: BridgeError): void {
    for (const utterance of open()) utterance.cut(error)
  }

  function open(): Delivery[] {
    return utterances.filter((utterance) => !utterance.settled)
  }

  function interrupt(): void {
    meter?.interrupting()
    const unheard = open()
    for (const utterance of unheard) utterance.gate()
    // Also when all audio was sent long ago: up to minutes of it may wait in Twilio's buffer.
    if (ledger.cleared()) {
      connection.send(frames.clear())
      meter?.cleared()
    }
    watch.proven()
    for (const utterance of unheard) utterance.interrupted()
    if (unheard.length > 0) timeline.report({ type: 'interrupted', heardMs: ledger.heardMs })
  }

  function silent(): boolean {
    return ledger.outstandingMs === 0 && open().every((utterance) => utterance.idle)
  }

  function scriptOf(text: string | Writer, language: string | undefined, by: SayOptions['by']) {
    const { split, stream } = options.sentences
    return (changed: () => void): Script => {
      if (typeof text === 'string') return wholeScript(split(text, language))
      const byToken = by === 'token' && options.partialText
      return createWriting(text, { clock, stream: stream(language), byToken, silent, changed })
    }
  }

  return {
    say(text, { by } = {}) {
      const id = `u${utterances.length + 1}`
      const voice = session.take()
      const script = scriptOf(text, voice.language, by)
      // What is over has nothing to silence; what plays now is something else.
      const silence = () => {
        if (!delivery.settled) interrupt()
      }
      const delivery = createUtterance(line, id, { voice, script, interrupt: silence, refusal: over })
      if (!over) utterances.push(delivery)
      feed()
      meter?.saying(id, delivery.utterance)
      return delivery.utterance
    },
    interrupt,
    echoed(markName) {
      const echo = ledger.echoed(markName)
      if (echo === 'unknown') unknownMarks++
      if (echo !== 'heard') return
      meter?.echoed(markName, ledger.outstandingMs)
      if (over) return last?.proven()
      const awaited = open()
      const complete = awaited.every((utterance) => utterance.spoken)
      timeline.report({ type: 'progress', heardMs: ledger.heardMs, sentMs: ledger.sentMs, complete })
      for (const utterance of awaited) utterance.proven()
      watch.proven()
      // The line has run dry: however far ahead the estimates are, the callee hears silence now.
      feed(ledger.outstandingMs === 0 ? 1 : 0)
      if (awaited.some((utterance) => utterance.settled === 'heard'))
        timeline.report({ type: 'heard', heardMs: ledger.heardMs })
    },
    stop(error) {
      over ??= error
      watch.stop()
      for (const utterance of utterances) utterance.cut(over)
      last?.cut(over)
    },
    lastWords(text) {
      const voice = session.take()
      const script = scriptOf(text, voice.language, undefined)
      last = createUtterance(line, 'last words', { voice, script, interrupt() {}, refusal: undefined })
      while (last.feed() !== undefined);
      return last.utterance
    },
    async drained() {
      for (const delivery of utterances) await delivery.utterance
    },
    get heardMs() {
      return ledger.heardMs
    },
    get sentMs() {
      return ledger.sentMs
    },
    get outstandingMs() {
      return ledger.outstandingMs
    },
    get unheard() {
      return utterances.flatMap((utterance) => utterance.unheard)
    },
    get whole() {
      return ledger.sentMs > 0 && utterances.every((utterance) => utterance.settled === 'heard')
    },
    get heardText() {
      return utterances
        .map((utterance) => utterance.heardText)
        .filter((text) => text !== '')
        .join(' ')
    },
    get unknownMarks() {
      return unknownMarks
    },
    heardAudio: () => Buffer.concat(utterances.map((utterance) => utterance.heardAudio())),
  }
}

function unconfirmed(outstandingMs: number): BridgeError {
  return new BridgeError(
    'playback.unconfirmed',
    `The next mark was not echoed within ${echoMarginMs} ms after its audio should have been played.`,
    { details: { outstandingMs } },
  )
}
