import { defaultWordMs, guessesOf, type Saying, words } from '../../saying.ts'
import type { TurnBehaviour } from './behaviour.ts'

export type TurnEvent = 'StartOfTurn' | 'Update' | 'EagerEndOfTurn' | 'TurnResumed' | 'EndOfTurn'

export interface TimedWord {
  readonly word: string
  readonly startMs: number
  readonly endMs: number
}

/** One event of a saying, as if the turn began with it. */
export interface Planned {
  readonly event: TurnEvent
  /** When it is told, in the audio. */
  readonly atMs: number
  /** Where the saying begins. */
  readonly fromMs: number
  readonly words: readonly TimedWord[]
  /** The turn goes on, and what is said next is put behind these words. */
  readonly goesOn: boolean
  readonly trigger?: 'model' | 'timeout'
}

/** From the last word to EagerEndOfTurn, and from there to a TurnResumed for nothing, and so on. */
const eagerMs = 80

/** What a saying makes of a turn. */
export function planOf(
  { text, atMs, wordMs = defaultWordMs, parts = [text], interims }: Saying & { readonly atMs: number },
  { eager, endTimeoutMs }: { readonly eager: boolean; readonly endTimeoutMs: number },
  behaviour: Readonly<TurnBehaviour>,
): Planned[] {
  const spoken = parts.map(words)
  const all = spoken.flat()
  const endMs = atMs + all.length * wordMs
  const plan: Planned[] = []
  const add = (event: TurnEvent, whenMs: number, said: readonly TimedWord[], more: Partial<Planned> = {}) =>
    plan.push({ event, atMs: whenMs, fromMs: atMs, words: said, goesOn: false, ...more })
  const timed = (said: readonly string[]) => {
    const eachMs = Math.min(wordMs, (all.length * wordMs) / Math.max(1, said.length))
    return said.map((word, index) => ({ word, startMs: atMs + index * eachMs, endMs: atMs + (index + 1) * eachMs }))
  }

  let before: readonly string[] = []
  if (behaviour.start === 'without-word' && all.length > 0) add('StartOfTurn', atMs, [])
  for (const [index, part] of spoken.entries()) {
    const partMs = atMs + before.length * wordMs
    const guesses = interims && index === 0 ? interims : guessesOf(part, behaviour.updates)
    for (const [nth, guess] of guesses.entries()) {
      const said = timed([...before, ...words(guess)])
      const first = plan.every(({ event }) => event === 'TurnResumed' || event === 'EagerEndOfTurn')
      const event = first && behaviour.start === 'with-word' ? 'StartOfTurn' : 'Update'
      const resumes = eager && index > 0 && nth === 0
      add(resumes ? 'TurnResumed' : event, partMs + ((nth + 1) * part.length * wordMs) / guesses.length, said)
    }
    if (behaviour.updates === 'none' && index === 0 && behaviour.start === 'with-word' && part.length > 0)
      add('StartOfTurn', partMs + wordMs, timed(part.slice(0, 1)))
    before = [...before, ...part]
    const partEndMs = atMs + before.length * wordMs
    if (eager && index < spoken.length - 1) add('EagerEndOfTurn', partEndMs, timed(before))
  }
  if (all.length === 0) return plan

  if (behaviour.end === 'never') {
    add('Update', endMs, timed(all), { goesOn: true })
    return plan
  }
  const byTime = behaviour.end === 'timeout'
  const eagers: readonly TurnEvent[] =
    behaviour.resumed === 'always' ? ['EagerEndOfTurn', 'TurnResumed', 'EagerEndOfTurn'] : ['EagerEndOfTurn']
  if (eager) for (const [nth, event] of eagers.entries()) add(event, endMs + (nth + 1) * eagerMs, timed(all))
  add('EndOfTurn', endMs + (byTime ? endTimeoutMs : behaviour.endMs), timed(all), {
    trigger: byTime ? 'timeout' : 'model',
  })
  return plan
}
