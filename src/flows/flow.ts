import type { Utterance } from '../call/utterance.ts'

/** A call as a flow sees it. A flow never asks whether the call is still there: what it awaits rejects when it ends. */
export interface Call {
  /** What the caller of the dialler gave along: names, dates, the message. */
  readonly parameters: Readonly<Record<string, string>>
  /** Aborts when the call is over. */
  readonly signal: AbortSignal
  /** Says a text. Await it to wait until it was heard. */
  say(text: string): Utterance
}

/** What to do in a call. Returning hangs up, after the last word was heard. */
export type Flow = (call: Call) => Promise<void>
