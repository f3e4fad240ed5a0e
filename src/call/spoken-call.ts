import { BridgeError } from '../errors.ts'
import type { VoiceChoice } from '../speech/provider.ts'
import { type CallLog, createCallLog } from './call-log.ts'
import { type Callee, createCallee } from './callee.ts'
import type { MediaConnection } from './connection.ts'
import type { Answerer } from './detection.ts'
import type { AudioListener, Ear } from './ear.ts'
import { type CallEvent, type CallHappening, createTimeline, type Timeline } from './events.ts'
import { createMeter } from './meter.ts'
import type { CalleeAnswer } from './outcome.ts'
import type { SayOptions, Writer } from './script.ts'
import type { CallSessionOptions } from './session-options.ts'
import type { Sound } from './sound-source.ts'
import { createSounds, type Recording, type RecordOptions, type Sounds } from './sounds.ts'
import { createSpeaker, type Speaker } from './speaker.ts'
import { followState, stateChanged } from './state.ts'
import type { Utterance } from './utterance.ts'
import { openVoice, type Voice } from './voice.ts'
import { createWordsTold, type ToldWords, type WordsTold } from './words-told.ts'

/** The part of a call that is said, heard and told: each is passed on to what does it. */
export abstract class SpokenCall implements Sounds, Timeline, WordsTold {
  readonly callId: string
  readonly token: string
  readonly direction: 'outbound' | 'inbound'
  readonly parameters: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly events: readonly CallEvent[]
  readonly attention: Ear['attention']
  /** Of the media stream, once it is open. */
  protected speaker: Speaker | undefined
  /** Aborts `signal`. */
  protected readonly controller = new AbortController()
  protected readonly timeline: Timeline
  protected readonly options: CallSessionOptions
  /** What each line of the log tells of the call. */
  protected readonly known: { readonly callId: string; callSid: string | undefined; streamSid: string | undefined }
  protected readonly log: CallLog
  protected readonly callee: Callee
  /** Outlives `signal` by the last words. */
  protected readonly spokenWith: Voice
  readonly #sounds: Sounds
  /** Few want to know. */
  #words: WordsTold | undefined

  constructor(options: CallSessionOptions) {
    const { clock, callId, observer } = options
    this.options = options
    this.callId = callId
    this.token = options.token
    this.direction = options.direction
    this.parameters = options.parameters
    this.signal = this.controller.signal
    this.timeline = createTimeline(() => clock.now())
    this.events = this.timeline.events
    this.known = { callId, callSid: undefined, streamSid: undefined }
    this.log = createCallLog(options.log, this.known)
    this.callee = createCallee(options, this.timeline)
    this.spokenWith = openVoice(options, this.timeline, this.log)
    this.#sounds = createSounds({ line: () => this.#line(), timeline: this.timeline, clock, signal: this.signal })
    this.attention = this.#sounds.attention
    this.watch(followState((state, previous) => stateChanged(state, previous, this.log, observer)))
    this.report({ type: 'dialling' })
  }

  /** The media stream is open. */
  protected speakInto(connection: MediaConnection): void {
    const { clock, speech, sentences, keepAudio, observer } = this.options
    this.speaker = createSpeaker({
      clock,
      timeline: this.timeline,
      words: this,
      session: this.spokenWith.session,
      connection,
      sentences,
      partialText: speech.capabilities.partialText === true,
      keepAudio,
      firstAudio: () => this.callee.firstAudio(),
      meter: observer && createMeter(clock, observer),
    })
    this.spokenWith.attach(this.speaker)
  }

  #line(): Speaker {
    if (this.speaker) return this.speaker
    throw new BridgeError('call.ended', 'Nothing can be said before the media stream is open.')
  }

  /** What its outcome tells of it. */
  protected facts() {
    return {
      ...this.options,
      ...this.callee.facts(),
      startedMs: this.events[0]?.atMs ?? this.options.clock.now(),
      spokenBy: this.spokenWith.spokenBy(),
    }
  }

  say(text: string | Writer, options?: SayOptions): Utterance {
    return this.#line().say(text, options)
  }

  voice(choice?: VoiceChoice): Promise<void> {
    return this.spokenWith.session.choose(choice)
  }

  key(digit: string): void {
    this.callee.key(digit)
  }

  answer(given: CalleeAnswer): void {
    this.callee.answer(given)
  }

  answeredBy(verdict: string): void {
    this.callee.answeredBy(verdict)
  }

  answerer(): Promise<Answerer | null> {
    return this.callee.answerer()
  }

  echoed(markName: string): void {
    this.speaker?.echoed(markName)
  }

  heardAudio(): Uint8Array {
    return this.speaker?.heardAudio() ?? new Uint8Array()
  }

  play(sound: Sound): Utterance {
    return this.#sounds.play(sound)
  }

  press(keys: string): Utterance {
    return this.#sounds.press(keys)
  }

  record(options?: RecordOptions): Promise<Recording> {
    return this.#sounds.record(options)
  }

  endsRecording(digit: string): boolean {
    return this.#sounds.endsRecording(digit)
  }

  listen(listener: AudioListener): () => void {
    return this.#sounds.listen(listener)
  }

  audio(payload: string, timestampMs: number): void {
    this.#sounds.audio(payload, timestampMs)
  }

  report(happening: CallHappening): void {
    this.timeline.report(happening)
  }

  watch(listener: (event: CallEvent) => void): () => void {
    return this.timeline.watch(listener)
  }

  watchWords(listener: (words: ToldWords) => void): () => void {
    this.#words ??= createWordsTold(() => this.options.clock.now())
    return this.#words.watchWords(listener)
  }

  tellWords(by: ToldWords['by'], text: string): void {
    this.#words?.tellWords(by, text)
  }

  wordsWatched(): boolean {
    return this.#words?.wordsWatched() ?? false
  }
}
