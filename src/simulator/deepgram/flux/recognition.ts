import type { Saying } from '../../saying.ts'
import type { TurnBehaviour } from './behaviour.ts'
import { type Planned, planOf, type TimedWord, type TurnEvent } from './plan.ts'
import type { TurnSettings } from './query.ts'

/** A TurnInfo, before it has its number. */
export interface ToldTurn {
  readonly event: TurnEvent
  readonly turn: number
  readonly words: readonly TimedWord[]
  /** Of the audio: where the turn begins, and what was listened to. */
  readonly fromMs: number
  readonly toMs: number
  readonly trigger?: 'model' | 'manual' | 'timeout'
}

/** The ear of one connection. Driven by the audio that came, not by the time that passed. */
export interface TurnRecognition {
  hear(saying: Saying): void
  advance(audioMs: number): ToldTurn[]
  /** The end of the turn that goes on, now; nothing where none does. */
  forceEnd(): ToldTurn[]
  /** The end of what was begun. */
  finish(): ToldTurn[]
  /** As Configure wants it, for what is said from now on. */
  configure(change: Partial<Pick<TurnSettings, 'eagerThreshold' | 'endTimeoutMs'>>): void
}

export function createTurnRecognition(settings: TurnSettings, behaviour: Readonly<TurnBehaviour>): TurnRecognition {
  let set = settings
  let due: Planned[] = []
  let audioMs = 0
  let toldMs = 0
  let turn = 0
  let turnFromMs = 0
  let open = false
  /** Words of sayings of this turn before, and all words of it that were told. */
  let before: readonly TimedWord[] = []
  let words: readonly TimedWord[] = []

  function told(event: TurnEvent, toMs: number, trigger?: ToldTurn['trigger']): ToldTurn {
    return { event, turn, words, fromMs: turnFromMs, toMs, ...(trigger === undefined ? {} : { trigger }) }
  }

  function end(toMs: number, trigger: ToldTurn['trigger']): ToldTurn[] {
    const last = told('EndOfTurn', toMs, trigger)
    turn++
    turnFromMs = toMs
    open = false
    before = []
    words = []
    return behaviour.end === 'twice' ? [last, last] : [last]
  }

  function tell({ event, atMs, words: said, goesOn, trigger }: Planned): ToldTurn[] {
    words = [...before, ...said]
    if (event === 'EndOfTurn') return end(atMs, trigger)
    // In a turn that did not end nothing starts.
    const started = open && event === 'StartOfTurn' ? 'Update' : event
    open = true
    if (goesOn) before = words
    return [told(started, atMs)]
  }

  function take(wanted: (planned: Planned) => boolean): ToldTurn[] {
    const now = due.filter(wanted)
    due = due.filter((planned) => !wanted(planned))
    return now.flatMap(tell)
  }

  /** What was begun is over. */
  function forget(): void {
    due = due.filter(({ fromMs }) => fromMs >= audioMs)
  }

  return {
    hear({ atMs = audioMs, ...saying }) {
      const eager = behaviour.eager === 'always' || set.eagerThreshold !== undefined
      const plan = planOf({ ...saying, atMs }, { eager, endTimeoutMs: set.endTimeoutMs }, behaviour)
      due = [...due, ...plan].toSorted((one, other) => one.atMs - other.atMs)
    },
    advance(toMs) {
      audioMs = toMs
      const now = take(({ atMs }) => atMs <= audioMs)
      if (now.length === 0 && audioMs - toldMs >= behaviour.updateMs) now.push(told('Update', audioMs))
      if (now.length > 0) toldMs = audioMs
      return now
    },
    forceEnd() {
      if (!open) return []
      forget()
      return end(audioMs, 'manual')
    },
    finish() {
      const ends = take(({ event, fromMs }) => event === 'EndOfTurn' && fromMs < audioMs)
      forget()
      return ends
    },
    configure(change) {
      set = { ...set, ...change }
    },
  }
}
