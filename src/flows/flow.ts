import type { SayOptions as SpeakOptions, Writer } from '../call/script.ts'
import type { Recording, RecordOptions } from '../call/sounds.ts'
import type { Sound } from '../call/sound-source.ts'
import type { Utterance } from '../call/utterance.ts'
import type { Answerer } from '../call/detection.ts'
import type { CalleeAnswer } from '../call/outcome.ts'
import type { TransferOptions, Transferred } from '../call/transfer.ts'
import type { VoiceChoice } from '../speech/provider.ts'
import type { Answer, BargeIn, GatherOptions } from './answer.ts'

export interface SayOptions extends SpeakOptions {
  /** What silences it, and all that is queued behind it. Default: nothing does. */
  readonly bargeIn?: BargeIn
  /** Silences it, and all that is queued behind it. */
  readonly signal?: AbortSignal
}

/** What can be listened to in a call, and what its listeners are told. */
export interface Happenings {
  /** A key was pressed: `0` to `9`, `*`, `#`, `A` to `D`. */
  readonly key: string
  /** The callee said something, to the end of it. While there is a listener, the call listens with the recognizer. */
  readonly speech: string
  /** The callee silenced what was being said; so much sound of the call was heard up to then. */
  readonly interrupted: { readonly by: 'key' | 'speech' | 'energy'; readonly heardMs: number }
}

/**
 * A call as a flow sees it. A flow never asks whether the call is still there: what it awaits rejects with `call.ended`
 * when it ends.
 */
export interface Call {
  readonly direction: 'outbound' | 'inbound'
  /** What the caller of the dialler gave along: names, dates, the message. */
  readonly parameters: Readonly<Record<string, string>>
  /** Whether speech can be heard: a recognizer is set up. Without one only keys are worth asking for. */
  readonly hears: boolean
  /** Aborts when the call is over. */
  readonly signal: AbortSignal
  /**
   * Says a text, or one that is still being written: the tokens of a language model. Await it to wait until it was
   * heard. A writer that fails rejects it with `flow.failed`, once what it wrote in whole sentences was heard.
   */
  say(text: string | Writer, options?: SayOptions): Utterance
  /**
   * Plays a sound, in its turn among what is said: a WAV file (mu-law or 16-bit PCM, any rate, mono or stereo), bare
   * 8,000 Hz mu-law (a file named `.ulaw`, `.mulaw`, `.ul` or `.pcmu`), by its path or `file:` URL, or the bytes of one.
   * Await it to wait until it was heard. Rejects with `audio.unreadable`, after what of it could be read was heard.
   */
  play(sound: Sound, options?: Pick<SayOptions, 'bargeIn'>): Utterance
  /**
   * Presses keys, as tones, to walk through somebody else's menu: `0` to `9`, `A` to `D`, `*`, `#`, and `w` for half a
   * second's pause; each takes 200 ms. Throws RangeError for anything else.
   */
  press(keys: string): Utterance
  /**
   * Records what the callee says, after what was said before and a tone were heard. When the callee hangs up it resolves
   * with what there is (`call-ended`). Rejects with `recording.unwritable`, RangeError, or what became of the tone.
   */
  record(options?: RecordOptions): Promise<Recording>
  /**
   * What is said from now on is said with this voice; what the choice leaves out stays as it is, and without a choice
   * all is as the call began. There is no need to await it: it resolves when the new voice would speak at once.
   *
   * Rejects with `voice.invalid` when the provider cannot speak like this, or with the reason why it would not. The
   * former voice goes on then.
   */
  voice(choice?: VoiceChoice): Promise<void>
  /**
   * Connects the call with another number, once all that was said is heard. Nothing can be said any more from then on.
   * Resolves when it is over, and the call with it: with what became of it. Rejects with `number.invalid` or
   * `destination.…` for a number that is not called; the call goes on then.
   */
  transfer(to: string, options?: TransferOptions): Promise<Transferred>
  /**
   * Who answered. A machine, where the call has a parameter `voicemail`, records from now on. Null where Twilio cannot
   * tell, was not asked, or does not tell in time.
   *
   * `soon`: to be waited for in silence, no longer than `DETECTION_WAIT_MS`, unless somebody on the line still speaks
   * then, as a greeting does. Null is not the last word then.
   */
  answerer(options?: { readonly soon?: boolean }): Promise<Answerer | null>
  /** What the callee answered, for the outcome. The last one counts. */
  answer(answer: CalleeAnswer): void
  /** Waits, in milliseconds. A call in which nothing happens for `IDLE_TIMEOUT_MS` is ended. */
  pause(ms: number): Promise<void>
  /**
   * Asks, and resolves with the answer, or with why there is none. One at a time: a second one that is begun before
   * the first has ended rejects with `flow.failed`, as options that make no sense do.
   */
  gather(options: GatherOptions): Promise<Answer>
  /** Ends the call now, whatever is being said. To wait for the last word, return from the flow instead. */
  hangup(): Promise<void>
  /**
   * Calls `listener` from now on, to the end of the call. Returns the way out. A listener that throws, or rejects, is a
   * fault of the flow.
   *
   * @throws BridgeError `hearing.unavailable` for `speech` where no recognizer is set up; see `hears`
   */
  on<Event extends keyof Happenings>(event: Event, listener: (what: Happenings[Event]) => unknown): () => void
}

/** What to do in a call. Returning hangs up, after the last word was heard. */
export type Flow = (call: Call) => Promise<void>
