/** How many keys are an answer, and what ends it. */
export interface KeyRule {
  /** At least 1. */
  readonly min: number
  readonly max: number
  /** A key that ends the answer and is no part of it. */
  readonly finishKey?: string | undefined
  /** Only these are answers; left out, any keys are. */
  readonly choices?: readonly string[] | undefined
}

/** `digits`: as many as may come; `finish-key`, `pause`: enough, and then that; `nonsense`: too few, or no choice. */
export type KeysEnd = 'digits' | 'finish-key' | 'pause' | 'nonsense'

/** Collects the keys of one answer. Pure: whoever waits says when the time is over. */
export interface KeyCollection {
  readonly digits: string
  /** A key was pressed. Returns how the answer ended; undefined: more may come. After the end keys change nothing. */
  press(key: string): KeysEnd | undefined
  /** No further key came in time. Undefined when none had come at all. */
  paused(): KeysEnd | undefined
}

export function collectKeys(rule: KeyRule): KeyCollection {
  return new CollectedKeys(rule)
}

class CollectedKeys implements KeyCollection {
  readonly #rule: KeyRule
  #digits = ''
  #end: KeysEnd | undefined

  constructor(rule: KeyRule) {
    this.#rule = rule
  }

  get digits(): string {
    return this.#digits
  }

  press(key: string): KeysEnd | undefined {
    if (this.#end) return this.#end
    if (key === this.#rule.finishKey) return this.#finish('finish-key')
    this.#digits += key
    return this.#digits.length >= this.#rule.max ? this.#finish('digits') : undefined
  }

  paused(): KeysEnd | undefined {
    return this.#end ?? (this.#digits === '' ? undefined : this.#finish('pause'))
  }

  #finish(as: KeysEnd): KeysEnd {
    const { min, choices } = this.#rule
    this.#end = this.#digits.length < min || (choices && !choices.includes(this.#digits)) ? 'nonsense' : as
    return this.#end
  }
}
