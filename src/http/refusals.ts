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
  /** A caller who came while as many calls were under way as may be, or the event loop was late. */
  overloaded: 0,
  /** A request to the API without a key that opens it. */
  'unauthorized-request': 0,
  'too-many-event-streams': 0,
}

export type Refusal = keyof typeof none

export interface Refusals {
  /**
   * Counts one, and says whether it is worth a line in the log: the 1st, 2nd, 4th, 8th, … of its reason are. Whoever
   * stands at the door cannot fill the disk.
   */
  count(reason: Refusal): boolean
  /** Every reason is there from the beginning. */
  readonly counts: Readonly<Record<Refusal, number>>
}

/** @param told of each refusal as it is counted, such as a metric */
export function createRefusals(told: (reason: Refusal) => void = () => {}): Refusals {
  const counts = { ...none }
  return {
    count(reason) {
      const count = ++counts[reason]
      told(reason)
      return (count & (count - 1)) === 0
    },
    counts,
  }
}
