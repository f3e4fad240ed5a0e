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

export function collectKeys({ min, max, finishKey, choices }: KeyRule): KeyCollection {
  let digits = ''
  let end: KeysEnd | undefined

  function finish(as: KeysEnd): KeysEnd {
    end = digits.length < min || (choices && !choices.includes(digits)) ? 'nonsense' : as
    return end
  }

  return {
    get digits() {
      return digits
    },
    press(key) {
      if (end) return end
      if (key === finishKey) return finish('finish-key')
      digits += key
      return digits.length >= max ? finish('digits') : undefined
    },
    paused() {
      return end ?? (digits === '' ? undefined : finish('pause'))
    },
  }
}
