import type { Delivery } from './utterance.ts'

/** All that was said in a call, in order. What is over is known by its words alone: a call may go on for hours. */
export interface Said {
  /** Returns its number, from 1. */
  next(): number
  add(delivery: Delivery): void
  /** What is not over. */
  open(): Delivery[]
  /** What may still change, and what stands behind it. */
  recent(): readonly Delivery[]
  /** What was heard to its end, in order. */
  texts(): readonly string[]
  /** Whether all of it was heard. */
  allHeard(): boolean
  readonly heardAudio: () => Uint8Array
  /** Resolves when nothing is left to be heard; rejects with the first failure. */
  readonly drained: () => Promise<void>
}

export function createSaid(keepAudio: boolean): Said {
  const recent: Delivery[] = []
  let added = 0
  const formerTexts: string[] = []
  const formerAudio: Uint8Array[] = []
  let formerHeard = true

  /** What failed is not passed over: of what was sent of it more may still be heard. */
  function forget(): void {
    const kept = recent.findIndex((one) => one.settled() !== 'heard' && one.settled() !== 'interrupted')
    for (const one of recent.splice(0, kept < 0 ? recent.length : kept)) {
      formerHeard &&= one.settled() === 'heard'
      const text = one.heardText()
      if (text !== '') formerTexts.push(text)
      if (keepAudio) formerAudio.push(one.heardAudio())
    }
  }

  return {
    next: () => added + 1,
    add(delivery) {
      added++
      forget()
      recent.push(delivery)
    },
    open: () => recent.filter((one) => !one.settled()),
    recent: () => recent,
    texts() {
      const texts = recent.map((one) => one.heardText()).filter((text) => text !== '')
      return [...formerTexts, ...texts]
    },
    allHeard: () => formerHeard && recent.every((one) => one.settled() === 'heard'),
    async drained() {
      const awaited = new Set<Delivery>()
      for (;;) {
        const next = recent.find((one) => !awaited.has(one))
        if (!next) return
        awaited.add(next)
        await next.utterance
      }
    },
    heardAudio: () => Buffer.concat([...formerAudio, ...recent.map((one) => one.heardAudio())]),
  }
}
