import type { Logger } from 'pino'
import { asBridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import type { CallEvent } from './events.ts'
import type { LiveCall } from './live-call.ts'
import type { Outcome } from './outcome.ts'
import type { CallRecord, CallRecords, CallState } from './records.ts'
import { timelineOf } from './timeline-entry.ts'

/** What a record holds beside what the call itself knows. */
export type RecordFacts = Pick<CallRecord, 'to' | 'from' | 'flow' | 'idempotencyKey' | 'requestDigest'>

interface RecorderDeps {
  readonly records: CallRecords
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Keeps the record of a call up to date, from its creation to its outcome.
 *
 * @returns resolves when the first save is safe, or has failed: a call does not wait for a disk that is full
 */
export function recordCall(call: LiveCall, facts: RecordFacts, deps: RecorderDeps): Promise<void> {
  const recorder = new Recorder(call, facts, deps)
  call.watch((event) => recorder.happened(event))
  void call.outcome.then((outcome) => recorder.ended(outcome))
  return recorder.save(null)
}

class Recorder {
  readonly #call: LiveCall
  readonly #facts: RecordFacts
  readonly #deps: RecorderDeps
  readonly #createdAt: string
  #state: CallState = 'dialling'

  constructor(call: LiveCall, facts: RecordFacts, deps: RecorderDeps) {
    this.#call = call
    this.#facts = facts
    this.#deps = deps
    this.#createdAt = isoNow(deps.clock)
  }

  happened(event: CallEvent): void {
    const next = stateAfter(this.#state, event)
    if (next === this.#state && event.type !== 'queued' && event.type !== 'transferring') return
    this.#state = next
    void this.save(null)
  }

  ended(outcome: Outcome): Promise<void> {
    this.#state = 'ended'
    return this.save(outcome)
  }

  async save(outcome: Outcome | null): Promise<void> {
    const { records, clock, log } = this.#deps
    const { callId, direction, callSid = null, events } = this.#call
    const { to, from, flow, idempotencyKey, requestDigest } = this.#facts
    try {
      await records.save({
        callId,
        callSid,
        direction,
        to,
        from,
        flow,
        idempotencyKey,
        requestDigest,
        state: this.#state,
        createdAt: this.#createdAt,
        updatedAt: isoNow(clock),
        timeline: timelineOf(events),
        outcome,
      })
    } catch (thrown) {
      // The store itself says loudly, and once, that the disk is full.
      log.debug({ callId, errorCode: asBridgeError(thrown).code }, 'a call record was not written')
    }
  }
}

function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString()
}

const order: readonly CallState[] = ['dialling', 'ringing', 'answered', 'streaming']

/** States only go forward; a late `ringing` changes nothing. */
function stateAfter(state: CallState, event: CallEvent): CallState {
  const told = order.find((one) => one === event.type)
  return told !== undefined && order.indexOf(told) > order.indexOf(state) ? told : state
}
