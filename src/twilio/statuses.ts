/**
 * The states of a call as Twilio names them (Twilio docs, Call resource). `initiated` is found in status callbacks
 * only; the event `answered` arrives as `in-progress`; `completed` means that somebody or something picked up.
 */
const progress = {
  queued: 0,
  initiated: 1,
  ringing: 2,
  'in-progress': 3,
  completed: 4,
  busy: 4,
  failed: 4,
  'no-answer': 4,
  canceled: 4,
} as const

export type CallStatus = keyof typeof progress

const terminal = 4

export function isCallStatus(value: unknown): value is CallStatus {
  return typeof value === 'string' && Object.hasOwn(progress, value)
}

/** True when nothing more can happen in the call. */
export function isTerminal(status: CallStatus): boolean {
  return progress[status] === terminal
}

/**
 * What is known of a call after one more report. Reports come in any order, twice, or not at all, so a call only
 * moves forward: a report of an earlier state changes nothing, and the first terminal state stays.
 */
export function statusAfter(current: CallStatus | undefined, reported: CallStatus): CallStatus {
  if (current === undefined) return reported
  return progress[reported] > progress[current] ? reported : current
}
