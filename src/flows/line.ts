import type { Utterance } from '../call/utterance.ts'
import type { BargeIn } from './answer.ts'

/** What a callee silences with. */
export type BargedBy = 'key' | 'speech' | 'energy'

const silencedBy: Readonly<Record<Exclude<BargeIn, false>, readonly BargedBy[]>> = {
  keys: ['key'],
  speech: ['key', 'speech'],
  energy: ['key', 'speech', 'energy'],
}

/** What is being said in a call, in order, and what may silence it. */
export interface Line {
  /** Something is said, behind all that is being said already. */
  add(utterance: Utterance, bargeIn: BargeIn): void
  /** Whether the callee may have the word in this way: nothing is being said, or it may be silenced so. */
  opensTo(by: BargedBy): boolean
  /** Silences what is being said, if it may be silenced so. Returns whether there was something to silence. */
  barge(by: BargedBy): boolean
  /** Resolves when all that is being said now was heard, was silenced or failed. Never rejects. */
  quiet(): Promise<void>
}

/** @param barged told after the line was silenced by the callee */
export function createLine(barged: (by: BargedBy) => void): Line {
  interface Saying {
    readonly utterance: Utterance
    readonly bargeIn: BargeIn
    silenced: boolean
  }
  let sayings: readonly Saying[] = []

  function opens({ bargeIn }: Saying, by: BargedBy): boolean {
    return bargeIn !== false && silencedBy[bargeIn].includes(by)
  }

  return {
    add(utterance, bargeIn) {
      const saying: Saying = { utterance, bargeIn, silenced: false }
      const over = () => {
        sayings = sayings.filter((one) => one !== saying)
      }
      sayings = [...sayings, saying]
      utterance.then(over, over)
    },
    opensTo(by) {
      const [front] = sayings
      return !front || front.silenced || opens(front, by)
    },
    barge(by) {
      const [front] = sayings
      if (!front || front.silenced || !opens(front, by)) return false
      // What is queued behind goes with it.
      for (const saying of sayings) saying.silenced = true
      front.utterance.interrupt()
      barged(by)
      return true
    },
    async quiet() {
      await Promise.allSettled(sayings.map(({ utterance }) => utterance))
    },
  }
}
