import type { SayOptions, Writer } from '../call/script.ts'
import type { Utterance } from '../call/utterance.ts'
import type { Answerer } from '../call/detection.ts'
import type { CalleeAnswer } from '../call/outcome.ts'
import type { TransferOptions, Transferred } from '../call/transfer.ts'
import type { VoiceChoice } from '../speech/provider.ts'

/** A call as a flow sees it. A flow never asks whether the call is still there: what it awaits rejects when it ends. */
export interface Call {
  /** What the caller of the dialler gave along: names, dates, the message. */
  readonly parameters: Readonly<Record<string, string>>
  /** Aborts when the call is over. */
  readonly signal: AbortSignal
  /**
   * Says a text, or one that is still being written: the tokens of a language model. Await it to wait until it was
   * heard. A writer that fails rejects it with `flow.failed`, once what it wrote in whole sentences was heard.
   */
  say(text: string | Writer, options?: SayOptions): Utterance
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
   * tell, was not asked, or does not tell in time. Never rejects.
   */
  answerer(): Promise<Answerer | null>
  /** What the callee answered, for the outcome. The last one counts. */
  answer(answer: CalleeAnswer): void
}

/** What to do in a call. Returning hangs up, after the last word was heard. */
export type Flow = (call: Call) => Promise<void>
