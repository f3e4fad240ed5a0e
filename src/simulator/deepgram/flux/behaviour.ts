import { documentedListening, type EarBehaviour } from '../listen/behaviour.ts'

/** How `/v2/listen` behaves. Fields may be changed at any time and count from the next use. */
export interface TurnBehaviour extends EarBehaviour {
  /** What comes between the first word and the end. `changing`: the last word of each is misheard at first. */
  updates: 'growing' | 'changing' | 'none'
  /** An Update after so much audio without a word of us, in silence too. */
  updateMs: number
  /** StartOfTurn comes with the first word, as documented, or before any, or not. */
  start: 'with-word' | 'without-word' | 'missing'
  /** From the last word to what the model takes for the end. */
  endMs: number
  /** How a turn ends: by the model, by `eot_timeout_ms`, twice, or not: then what is said next belongs to it. */
  end: 'model' | 'timeout' | 'twice' | 'never'
  /** EagerEndOfTurn: where `eager_eot_threshold` asks for it, or always. */
  eager: 'as-asked' | 'always'
  /** What follows it: the end; or a TurnResumed that nothing was said for, and a second EagerEndOfTurn. */
  resumed: 'by-words' | 'always'
  /** Words as they were said, or as a sentence: a capital, and a full stop where it is thought to end. */
  writing: 'as-said' | 'sentence'
  /** Times of words came with later versions of the service. */
  wordTimes: 'sent' | 'missing'
  configure: 'success' | 'failure'
  /** Some deployments do not know the message. */
  forceEndTurn: 'known' | 'unknown'
  /** Answer to CloseStream: the end of a turn that was begun, and 1000; or 1000 at once. */
  closeStream: 'finish' | 'immediate'
  errorFrame: 'none' | 'Error'
}

/** The service as its documentation describes it. Those of both ways are as for `/v1/listen`, unless they are here. */
export const documentedTurns: Readonly<TurnBehaviour> = {
  refuse: documentedListening.refuse,
  unknownParameters: documentedListening.unknownParameters,
  concurrencyLimit: documentedListening.concurrencyLimit,
  idleTimeoutMs: 60_000,
  lifeMs: documentedListening.lifeMs,
  messageBytes: documentedListening.messageBytes,
  updates: 'growing',
  updateMs: 250,
  start: 'with-word',
  endMs: 250,
  end: 'model',
  eager: 'as-asked',
  resumed: 'by-words',
  writing: 'as-said',
  wordTimes: 'sent',
  configure: 'success',
  forceEndTurn: 'known',
  deaf: documentedListening.deaf,
  latencyMs: documentedListening.latencyMs,
  closeStream: 'finish',
  badMessage: documentedListening.badMessage,
  closeReason: documentedListening.closeReason,
  errorFrame: 'Error',
}
