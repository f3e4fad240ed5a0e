/**
 * What silences something that is being said: a key; a key or the first word, for which the callee is listened to with
 * the recognizer; a key or the first energy of a voice; nothing.
 */
export type BargeIn = 'keys' | 'speech' | 'energy' | false

export interface GatherOptions {
  /** The prompt. Left out, the answer is waited for at once, or once what is being said was heard. */
  readonly say?: string
  /**
   * Keys are an answer: so many, or so many at least and at most (at least 1, at most 100). Left out, up to as many as
   * the longest of `choices` has; without those, only speech is, and with neither, one key.
   */
  readonly digits?: number | { readonly min?: number; readonly max: number }
  /** A key that ends the answer and is no part of it, such as `#`. */
  readonly finishKey?: string
  /** Only these keys are answers (`['1', '2']`); anything else is nonsense. */
  readonly choices?: readonly string[]
  /** Speech is an answer: any (`true`), or one that holds one of these phrases. */
  readonly speech?: true | readonly string[]
  /** How long the first key or word may take once the prompt was heard or silenced, in milliseconds. Default 5000. */
  readonly timeoutMs?: number
  /** How long the next key may take, in milliseconds. Default 3000. */
  readonly betweenKeysMs?: number
  /**
   * What silences the prompt; `true`, the default, is the setting `BARGE_IN` where speech is listened to, and keys
   * where it is not. With `false`, what comes before the end of the prompt is no answer.
   */
  readonly bargeIn?: boolean | Exclude<BargeIn, false>
  /** How often it is asked in all, when nothing comes or nonsense. Default 1, and 2 where `again` is given. */
  readonly attempts?: number
  /** What is said instead of the prompt when it is asked again. */
  readonly again?: { readonly nothing?: string; readonly nonsense?: string }
  /** Keys that were pressed before the prompt began, and that no other gather took, count. Default: they are dropped. */
  readonly keepEarlierKeys?: boolean
  /** Gives the question up: what plays of it is silenced, and `gather` rejects with the reason of the signal. */
  readonly signal?: AbortSignal
}

/** What a callee answered. `digits` or `speech` is there when it is an answer, and neither when it is none. */
export interface Answer {
  readonly digits?: string
  /** What was said; where phrases were given, the phrase as it was given. */
  readonly speech?: string
  /**
   * `digits`: as many keys as may come; `finish-key`; `pause`: enough keys, and no further one in time; `speech`;
   * `timeout`: nothing came; `nonsense`: too few keys, none of the choices, none of the phrases; `deaf`: only speech
   * was asked for, and nothing can hear it.
   */
  readonly ended: 'digits' | 'finish-key' | 'pause' | 'speech' | 'timeout' | 'nonsense' | 'deaf'
  /** Speech was asked for, and could not be heard, or not to the end: only keys counted. */
  readonly deaf?: true
}
