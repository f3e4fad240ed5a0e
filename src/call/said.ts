import type { Delivery } from './utterance.ts'

/** All that was said in a call, in order. What is over is known by its words alone: a call may go on for hours. */
export interface Said {
  /** Returns its number, from 1. */
  next(): number
  add(delivery: Delivery): void
  /** What is not over. It does not change while it is gone through. */
  open(): readonly Delivery[]
  /** What may still change, and what stands behind it. */
  recent(): readonly Delivery[]
  /** What was heard to its end, in order. */
  texts(): readonly string[]
  /** Whether all of it was heard. */
  allHeard(): boolean
  heardAudio(): Uint8Array
  /** Resolves when nothing is left to be heard; rejects with the first failure. */
  drained(): Promise<void>
}

export function createSaid(keepAudio: boolean): Said {
  return new SaidInCall(keepAudio)
}

class SaidInCall implements Said {
  /** Neither is ever changed, but replaced: who goes through it may say more meanwhile. */
  #open: readonly Delivery[] = []
  #recent: readonly Delivery[] = []
  readonly #keepAudio: boolean
  #added = 0
  readonly #formerTexts: string[] = []
  #formerAudio: Uint8Array[] | undefined
  #formerHeard = true

  constructor(keepAudio: boolean) {
    this.#keepAudio = keepAudio
  }

  next(): number {
    return this.#added + 1
  }

  add(delivery: Delivery): void {
    this.#added++
    this.#forget()
    this.#recent = [...this.#recent, delivery]
    this.#open = [...this.#open, delivery]
  }

  open(): readonly Delivery[] {
    if (this.#open.some(isSettled)) this.#open = this.#open.filter((one) => !isSettled(one))
    return this.#open
  }

  recent(): readonly Delivery[] {
    return this.#recent
  }

  texts(): readonly string[] {
    const texts = this.#recent.map((one) => one.heardText()).filter((text) => text !== '')
    return [...this.#formerTexts, ...texts]
  }

  allHeard(): boolean {
    return this.#formerHeard && this.#recent.every((one) => one.settled() === 'heard')
  }

  async drained(): Promise<void> {
    const awaited = new Set<Delivery>()
    for (;;) {
      const next = this.#recent.find((one) => !awaited.has(one))
      if (!next) return
      awaited.add(next)
      await next.utterance
    }
  }

  heardAudio(): Uint8Array {
    return Buffer.concat([...(this.#formerAudio ?? []), ...this.#recent.map((one) => one.heardAudio())])
  }

  /** What failed is not passed over: of what was sent of it more may still be heard. */
  #forget(): void {
    const recent = this.#recent
    const kept = recent.findIndex((one) => one.settled() !== 'heard' && one.settled() !== 'interrupted')
    const over = kept < 0 ? recent.length : kept
    this.#recent = recent.slice(over)
    for (const one of recent.slice(0, over)) {
      this.#formerHeard &&= one.settled() === 'heard'
      const text = one.heardText()
      if (text !== '') this.#formerTexts.push(text)
      if (this.#keepAudio) (this.#formerAudio ??= []).push(one.heardAudio())
    }
  }
}

function isSettled(one: Delivery): boolean {
  return one.settled() !== undefined
}
