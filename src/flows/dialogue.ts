import type { Answerer } from '../call/detection.ts'
import type { CallEvent } from '../call/events.ts'
import type { LiveCall } from '../call/live-call.ts'
import type { Writer } from '../call/script.ts'
import type { Sound } from '../call/sound-source.ts'
import type { TransferOptions, Transferred } from '../call/transfer.ts'
import type { Utterance } from '../call/utterance.ts'
import { BridgeError } from '../errors.ts'
import type { Heard, Recognizer } from '../hearing/recognizer.ts'
import type { Clock } from '../ops/clock.ts'
import type { Log } from '../ops/logger.ts'
import type { VoiceChoice } from '../speech/provider.ts'
import type { Answer, BargeIn, GatherOptions } from './answer.ts'
import { createEarlierKeys, type EarlierKeys } from './earlier-keys.ts'
import { createEars, type Ears } from './ears.ts'
import { createEndable, type Endable } from './endable.ts'
import type { Call, Happenings, SayOptions } from './flow.ts'
import { type Asker, type AskerDeps, createAsker } from './gather.ts'
import { type BargedBy, createLine, type Line, type LineListener } from './line.ts'
import { createListeners, type Listeners } from './listeners.ts'
import { duration } from './question.ts'
import { listenForVoice, silencedBy } from './silencing.ts'
import { soonAnswerer } from './verdict.ts'

/** What dialogues are held with. */
export interface DialogueDeps {
  readonly clock: Clock
  readonly log: Log
  /** What listens to the callee; without one only keys are heard. */
  readonly recognizer?: Recognizer | undefined
  /** What silences the prompt of a question that may be answered by speech, where the flow says nothing of it. */
  readonly sensitivity: BargeIn
  /** How long who answered is waited for in silence, where there is a text for a mailbox. */
  readonly detectionWaitMs: number
}

/** Told by a dialogue of what concerns whoever conducts the flow. */
export interface DialogueListener {
  /** What a listener of the flow throws. */
  fault(thrown: unknown): void
  callEnded(): void
}

/**
 * A call as its flow sees it. What it awaits rejects when the call ends.
 *
 * @param live with its media stream open
 */
export function holdDialogue(live: LiveCall, deps: DialogueDeps, listener: DialogueListener): Call {
  const dialogue = new Dialogue(live, deps, listener)
  const { direction, parameters, signal } = live
  // A flow may take it apart: functions, and no methods.
  return {
    direction,
    parameters,
    hears: deps.recognizer !== undefined,
    signal,
    say: (text, options) => dialogue.say(text, options),
    play: (sound, options) => dialogue.play(sound, options),
    press: (keys) => dialogue.press(keys),
    // What was recorded up to the end of the call is not lost.
    record: (options) => live.record(options),
    voice: (choice) => dialogue.voice(choice),
    transfer: (to, options) => dialogue.transfer(to, options),
    answerer: (options) => dialogue.answerer(options),
    answer: (answer) => live.answer(answer),
    pause: (ms) => dialogue.pause(ms),
    gather: (options) => dialogue.gather(options),
    hangup: () => dialogue.hangup(),
    on: (event, listener) => dialogue.on(event, listener),
  }
}

class Dialogue implements LineListener, AskerDeps {
  readonly live: LiveCall
  readonly line: Line
  readonly earlier: EarlierKeys
  readonly clock: Clock
  readonly sensitivity: BargeIn
  readonly #deps: DialogueDeps
  readonly #listener: DialogueListener
  readonly #endable: Endable
  /** Most flows ask nothing, hear nothing and listen to nothing. */
  #asker: Asker | undefined
  #ears: Ears | undefined
  #listeners: Listeners | undefined
  /** The way out of listening for those who listen to speech. */
  #hearing: (() => void) | undefined
  #heardMs = 0

  constructor(live: LiveCall, deps: DialogueDeps, listener: DialogueListener) {
    this.live = live
    this.line = createLine(this)
    this.earlier = createEarlierKeys()
    this.clock = deps.clock
    this.sensitivity = deps.sensitivity
    this.#deps = deps
    this.#listener = listener
    this.#endable = createEndable(live)
    live.watch((event) => this.#happened(event))
  }

  #happened(event: CallEvent): void {
    if (event.type === 'key') this.#key(event.digit)
    if (event.type === 'interrupted') this.#heardMs = event.heardMs
    if (event.type !== 'ended') return
    this.#asker?.stop()
    this.#listener.callEnded()
  }

  #key(digit: string): void {
    const counts = this.line.opensTo('key')
    // Before anything else: whoever presses a key waits for silence.
    this.line.barge('key')
    if (!this.live.endsRecording(digit) && !(counts && this.#asker?.key(digit))) this.earlier.add(digit)
    this.#listeners?.tell('key', digit)
  }

  barged(by: BargedBy): void {
    this.#listeners?.tell('interrupted', { by, heardMs: this.#heardMs })
  }

  ears(): Ears {
    this.#ears ??= createEars(this.live, this.#deps)
    return this.#ears
  }

  /** The callee is listened to as long as it may silence what is said. */
  #add(utterance: Utterance, bargeIn: BargeIn): Utterance {
    this.line.add(utterance, bargeIn, listenForVoice(bargeIn, this))
    return utterance
  }

  say(text: string | Writer, { bargeIn = false, signal: unwanted, ...options }: SayOptions = {}): Utterance {
    return this.#endable.utterance(() => silencedBy(unwanted, this.#add(this.live.say(text, options), bargeIn)))
  }

  prompt(text: string, bargeIn: BargeIn): Utterance {
    return this.#add(this.live.say(text), bargeIn)
  }

  play(sound: Sound, { bargeIn = false }: Pick<SayOptions, 'bargeIn'> = {}): Utterance {
    return this.#endable.utterance(() => this.#add(this.live.play(sound), bargeIn))
  }

  press(keys: string): Utterance {
    return this.#endable.utterance(() => this.live.press(keys))
  }

  voice(choice?: VoiceChoice): Promise<void> {
    return this.#endable.ask(() => this.live.voice(choice))
  }

  transfer(to: string, options?: TransferOptions): Promise<Transferred> {
    return this.#endable.toTheEnd(() => this.live.transfer(to, options))
  }

  answerer({ soon = false }: Parameters<Call['answerer']>[0] = {}): Promise<Answerer | null> {
    const { clock, detectionWaitMs } = this.#deps
    return this.#endable.ask(() =>
      soon ? soonAnswerer(this.live, { clock, waitMs: detectionWaitMs }) : this.live.answerer(),
    )
  }

  gather(options: GatherOptions): Promise<Answer> {
    return this.#endable.ask(() => {
      this.#asker ??= createAsker(this)
      return this.#asker.gather(options)
    })
  }

  nobodyAnswers(error: BridgeError): void {
    this.live.end('idle', error)
  }

  hangup(): Promise<void> {
    return this.#endable.ask(async () => this.live.end('completed'))
  }

  pause(ms: number): Promise<void> {
    return this.#endable.ask(async () => this.#pause(duration('pause', ms)))
  }

  async #pause(ms: number): Promise<void> {
    const { signal } = this.live
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = this.clock.after(ms, resolve)
    const stop = () => timer.cancel()
    signal.addEventListener('abort', stop, { once: true })
    await promise
    signal.removeEventListener('abort', stop)
  }

  on<Event extends keyof Happenings>(event: Event, listener: (what: Happenings[Event]) => unknown): () => void {
    if (event === 'speech' && !this.#deps.recognizer) throw nobodyHears()
    const listeners = (this.#listeners ??= createListeners((thrown) => this.#listener.fault(thrown)))
    const leave = listeners.on(event, listener)
    if (event !== 'speech') return leave
    if (!this.live.signal.aborted) this.#hearing ??= this.ears().listen((heard) => this.#heard(heard))
    return () => {
      leave()
      if (listeners.any('speech')) return
      this.#hearing?.()
      this.#hearing = undefined
    }
  }

  #heard(heard: Heard): void {
    if (heard.type === 'utterance') this.#listeners?.tell('speech', heard.text)
    // Whoever listens next tries another session.
    if (heard.type === 'failed') this.#hearing = undefined
  }
}

function nobodyHears(): BridgeError {
  return new BridgeError(
    'hearing.unavailable',
    "on('speech'): no speech recognizer is set up (HEARING_PROVIDER, DEEPGRAM_API_KEY), so nothing would ever be told. Ask call.hears first, and for keys where it is false.",
    { retryable: false },
  )
}
