import type { Line } from './line.ts'
import type { Delivery, Heard, Utterance } from './utterance.ts'

/** What an utterance uses of whoever lets it speak. */
export interface Floor {
  readonly line: Line
  /** There is more to feed: the utterance goes on, or is over and another may. */
  moreToFeed(): void
  /** The utterance is to be stopped, and everything queued behind it; nothing happens when it is over. */
  silence(utterance: Delivery): void
}

/** What the one who says it holds: a promise, with a function that it may take off it. */
export function utteranceOf(promise: Promise<Heard>, floor: Floor, delivery: Delivery): Utterance {
  // A flow need not await what it says; a failure it does not await reaches it at the end of the flow.
  promise.catch(ignored)
  return Object.assign(promise, { interrupt: () => floor.silence(delivery) })
}

function ignored(): void {}
