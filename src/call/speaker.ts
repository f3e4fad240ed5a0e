import type { BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import type { Timeline } from './events.ts'
import type { Floor } from './floor.ts'
import { createLead, type Lead, leadMs } from './lead.ts'
import { createLine, type Line } from './line.ts'
import type { Meter } from './meter.ts'
import { unconfirmed } from './playback-watch.ts'
import { createPlaying, type Pieces } from './playing.ts'
import { createSaid, type Said } from './said.ts'
import { type SayOptions, type Script, type Sentences, wholeScript, type Writer } from './script.ts'
import type { SpeakerOptions } from './speaker-options.ts'
import { createUtterance } from './spoken-text.ts'
import type { Delivery, Utterance } from './utterance.ts'
import { createWriting, type SilentLine } from './writing.ts'

/** What was said in a call, and what of it was heard. */
export interface SpeechAccount {
  readonly heardMs: number
  readonly sentMs: number
  /** Whether something was said and every word of it was heard. */
  readonly whole: boolean
  readonly heardText: string
}

export interface Speaker {
  /**
   * Queues a text, or one that is still being written. The promise resolves when it was heard (or interrupted) and
   * rejects when it cannot be.
   */
  say(text: string | Writer, options?: SayOptions): Utterance
  /** Queues a sound, in mu-law, among the texts. */
  play(pieces: Pieces): Utterance
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
  /** The part of what was sent that the speech service made, in milliseconds of sound. */
  spokenMs(): number
  /** Sound handed to Twilio and not yet proven heard. */
  outstandingMs(): number
  /** What is known by now; kept, it does not change. */
  account(): SpeechAccount
  /** The sentences that were to be said and were not heard whole, in order. */
  unheard(): readonly string[]
  /** Marks that Twilio returned and we never sent: a fault of the peer, counted. */
  unknownMarks(): number
  /** The audio that was sent and confirmed as heard, per utterance in order (only when audio is kept). */
  heardAudio(): Uint8Array
}

/** Speaks into one media stream: from the speech session's chunks to Twilio's frames, and the book of what was heard. */
export function createSpeaker(options: SpeakerOptions): Speaker {
  return new CallSpeaker(options)
}

class CallSpeaker implements Speaker, Floor, SilentLine {
  readonly line: Line
  readonly #said: Said
  readonly #lead: Lead
  readonly #meter: Meter | undefined
  readonly #timeline: Timeline
  readonly #words: SpeakerOptions['words']
  readonly #clock: Clock
  readonly #session: SpeakerOptions['session']
  readonly #sentences: Sentences
  readonly #partialText: boolean
  #unknownMarks = 0
  #over: BridgeError | undefined
  #last: Delivery | undefined

  constructor(options: SpeakerOptions) {
    this.line = createLine(options, (outstandingMs) => this.#fail(unconfirmed(outstandingMs)))
    this.#said = createSaid(options.keepAudio)
    this.#lead = createLead(options.clock, this.line)
    this.#meter = options.meter
    this.#timeline = options.timeline
    this.#words = options.words
    this.#clock = options.clock
    this.#session = options.session
    this.#sentences = options.sentences
    this.#partialText = options.partialText
  }

  say(text: string | Writer, { by }: SayOptions = {}): Utterance {
    return this.#begin(this.#textOf(text, by, this.#over))
  }

  play(pieces: Pieces): Utterance {
    return this.#begin(createPlaying(this, pieces, this.#over))
  }

  interrupt(): void {
    this.#meter?.interrupting()
    const unheard = this.#said.open()
    for (const utterance of unheard) utterance.gate()
    // Also when all audio was sent long ago: up to minutes of it may wait in Twilio's buffer.
    this.line.clear()
    for (const utterance of unheard) utterance.interrupted()
    if (unheard.length > 0) this.#timeline.report({ type: 'interrupted', heardMs: this.line.heardMs() })
  }

  echoed(markName: string): void {
    const { line } = this
    const echo = line.echoed(markName)
    if (echo === 'unknown') this.#unknownMarks++
    if (echo !== 'heard') return
    this.#meter?.echoed(markName, line.outstandingMs())
    if (this.#over) return this.#lastEchoed()
    const awaited = this.#said.open()
    if (this.#words.wordsWatched()) this.#tellBegun(awaited)
    const complete = awaited.every(isSpoken)
    this.#timeline.report({ type: 'progress', heardMs: line.heardMs(), sentMs: line.sentMs(), complete })
    for (const utterance of awaited) utterance.proven()
    line.watch.proven()
    // The line has run dry: however far ahead the estimates are, the callee hears silence now.
    this.#feed(line.outstandingMs() === 0 ? 1 : 0)
    if (awaited.some(isHeard)) this.#timeline.report({ type: 'heard', heardMs: line.heardMs() })
  }

  stop(error: BridgeError): void {
    this.#over ??= error
    this.line.watch.stop()
    this.#fail(this.#over)
    this.#last?.cut(this.#over)
  }

  lastWords(text: string): Promise<unknown> {
    const last = this.#textOf(text, undefined, undefined)
    this.#last = last
    while (last.feed() !== undefined);
    return last.utterance
  }

  drained(): Promise<void> {
    return this.#said.drained()
  }

  spokenMs(): number {
    return this.line.spokenMs()
  }

  outstandingMs(): number {
    return this.line.outstandingMs()
  }

  account(): SpeechAccount {
    const sentMs = this.line.sentMs()
    const whole = sentMs > 0 && this.#said.allHeard()
    return { heardMs: this.line.heardMs(), sentMs, whole, heardText: this.#said.texts().join(' ') }
  }

  unheard(): readonly string[] {
    return this.#said.recent().flatMap((utterance) => utterance.unheard())
  }

  unknownMarks(): number {
    return this.#unknownMarks
  }

  heardAudio(): Uint8Array {
    return this.#said.heardAudio()
  }

  moreToFeed(): void {
    this.#feed(0)
  }

  /** What is over has nothing to silence; what plays now is something else. */
  silence(utterance: Delivery): void {
    if (!utterance.settled()) this.interrupt()
  }

  silent(): boolean {
    return this.line.outstandingMs() === 0 && this.#said.open().every((utterance) => utterance.idle())
  }

  #textOf(text: string | Writer, by: SayOptions['by'], refusal: BridgeError | undefined): Delivery {
    const voice = this.#session.take()
    return createUtterance(this, { voice, script: this.#scriptOf(text, voice.language, by), refusal })
  }

  #scriptOf(text: string | Writer, language: string | undefined, by: SayOptions['by']): Script {
    if (typeof text === 'string') return wholeScript(this.#sentences.split(text, language))
    const byToken = by === 'token' && this.#partialText
    return createWriting(text, { clock: this.#clock, stream: this.#sentences.stream(language), byToken, line: this })
  }

  #begin(delivery: Delivery): Utterance {
    const number = this.#said.next()
    if (!this.#over) this.#said.add(delivery)
    this.#feed(0)
    this.#meter?.saying(`u${number}`, delivery.utterance)
    return delivery.utterance
  }

  /**
   * Text goes to the speech service in the order it was said, and so far ahead only.
   *
   * @param atLeast pieces to be given however far ahead
   */
  #feed(atLeast: number): void {
    if (this.#over) return
    const unheard = this.#said.open()
    if (unheard.every(isSpoken)) this.#lead.settled()
    let given = 0
    for (const utterance of unheard) {
      if (utterance.direct && !unheard.slice(0, unheard.indexOf(utterance)).every(isSpoken)) return
      for (;;) {
        if (given >= atLeast && this.#lead.aheadMs(this.line.outstandingMs()) >= leadMs) return
        const estimateMs = utterance.feed()
        // What is said next waits until this is written.
        if (estimateMs === undefined && utterance.writing()) return
        if (estimateMs === undefined) break
        given++
        this.#lead.gave(estimateMs)
      }
    }
  }

  #fail(error: BridgeError): void {
    for (const utterance of this.#said.open()) utterance.cut(error)
  }

  #lastEchoed(): void {
    if (!this.#last) return
    if (this.#words.wordsWatched()) this.#tellBegun([this.#last])
    this.#last.proven()
  }

  #tellBegun(those: readonly Delivery[]): void {
    for (const text of those.flatMap((one) => one.begun())) this.#words.tellWords('us', text)
  }
}

function isSpoken(utterance: Delivery): boolean {
  return utterance.spoken()
}

function isHeard(utterance: Delivery): boolean {
  return utterance.settled() === 'heard'
}
