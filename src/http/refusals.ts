/** Why something at the door was not let in, and how often since the start. */
const none = {
  'unsigned-webhook': 0,
  'malformed-webhook': 0,
  'unsigned-handshake': 0,
  'too-many-pending': 0,
  'no-start': 0,
  'unknown-call': 0,
  'wrong-token': 0,
  'wrong-account': 0,
  'other-call': 0,
  'second-stream': 0,
  /** A caller who came while the server was stopping. */
  draining: 0,
}

export type Refusal = keyof typeof none

export interface Refusals {
  count(reason: Refusal): void
  /** Every reason is there from the beginning. */
  readonly counts: Readonly<Record<Refusal, number>>
}

/** @param told of each refusal as it is counted, such as a metric */
export function createRefusals(told: (reason: Refusal) => void = () => {}): Refusals {
  const counts = { ...none }
  return {
    count(reason) {
      counts[reason]++
      told(reason)
    },
    counts,
  }
}
