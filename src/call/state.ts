import type { CallLog } from './call-log.ts'
import type { CallEvent } from './events.ts'
import type { CallObserver } from './observer.ts'
import type { CallState } from './records.ts'

const rank: Readonly<Record<CallState, number>> = { dialling: 0, ringing: 1, answered: 2, streaming: 3, ended: 4 }

/** Follows the events of one call. `changed` is told each state once, and never one that lies behind. */
export function followState(
  changed: (next: CallState, previous: CallState | undefined) => void,
): (event: CallEvent) => void {
  let state: CallState | undefined
  return ({ type }) => {
    if (!isState(type) || (state !== undefined && rank[type] <= rank[state])) return
    const previous = state
    state = type
    changed(type, previous)
  }
}

function isState(type: CallEvent['type'] | CallState): type is CallState {
  return type in rank
}

/** One line of the log for each state; the end has a line of its own, with its reason. */
export function stateChanged(
  state: CallState,
  previous: CallState | undefined,
  log: Pick<CallLog, 'info'>,
  observer: CallObserver | undefined,
): void {
  observer?.state(state, previous)
  if (state !== 'ended') log.info({ state, previous }, 'call state')
}
