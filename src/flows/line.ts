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
  /** Something is said, behind all that is being said already. `over` is called when it was heard, silenced or failed. */
  add(utterance: Utterance, bargeIn: BargeIn, over?: () => void): void
  /** Whether the callee may have the word in this way: nothing is being said, or it may be silenced so. */
  opensTo(by: BargedBy): boolean
  /** Silences what is being said, if it may be silenced so. Returns whether there was something to silence. */
  barge(by: BargedBy): boolean
  /** Resolves when all that is being said now was heard, was silenced or failed. Never rejects. */
  quiet(): Promise<void>
}

/** Told after the line was silenced by the callee. */
export interface LineListener {
  barged(by: BargedBy): void
}

export function createLine(listener: LineListener): Line {
  return new OrderedLine(listener)
}

interface Saying {
  readonly utterance: Utterance
  readonly bargeIn: BargeIn
  silenced: boolean
}

class OrderedLine implements Line {
  readonly #listener: LineListener
  #sayings: readonly Saying[] = []

  constructor(listener: LineListener) {
    this.#listener = listener
  }

  add(utterance: Utterance, bargeIn: BargeIn, over?: () => void): void {
    const saying: Saying = { utterance, bargeIn, silenced: false }
    const settled = () => {
      this.#sayings = this.#sayings.filter((one) => one !== saying)
      over?.()
    }
    this.#sayings = [...this.#sayings, saying]
    utterance.then(settled, settled)
  }

  opensTo(by: BargedBy): boolean {
    const [front] = this.#sayings
    return !front || front.silenced || opens(front, by)
  }

  barge(by: BargedBy): boolean {
    const [front] = this.#sayings
    if (!front || front.silenced || !opens(front, by)) return false
    // What is queued behind goes with it.
    for (const saying of this.#sayings) saying.silenced = true
    front.utterance.interrupt()
    this.#listener.barged(by)
    return true
  }

  async quiet(): Promise<void> {
    await Promise.allSettled(this.#sayings.map(({ utterance }) => utterance))
  }
}

function opens({ bargeIn }: Saying, by: BargedBy): boolean {
  return bargeIn !== false && silencedBy[bargeIn].includes(by)
}
