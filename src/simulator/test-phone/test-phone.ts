import type { SteppedClock } from '../clock.ts'
import type { Phone } from '../phone-network/phone/phone.ts'
import { keepDiary } from './diary.ts'
import type { Person } from './person.ts'
import type { Pump } from './pump.ts'

/** The phone of a test, and the person who holds it. Time passes only while something of it is awaited. */
export interface TestPhone<Outcome> extends AsyncDisposable {
  /**
   * Resolves when the phone has played what `words` match: the texts said since the last match, each counted when its
   * last sound was played, with a blank between them. What stands behind the match is left for the next one.
   *
   * Rejects, with the transcript, when the call ends without it or `withinMs` (default two minutes) have passed.
   */
  hears(words: RegExp | string, options?: { readonly withinMs?: number }): Promise<void>
  /** Presses keys: 0-9, A-D, `*`, `#`, and `w` for half a second's pause. @throws Error when nobody is on the phone */
  press(keys: string): void
  /**
   * Says words, 300 ms each; half a second of silence follows. They are heard if a flow listens when they begin. Time
   * passes when something is awaited. @throws Error when nobody is on the phone
   */
  says(words: string): void
  /** The recognizer dies, in the middle of a word perhaps: nothing that is said is heard any more. */
  deafens(): void
  /** Nothing is done for so long, or until the call is over. */
  waits(ms: number): Promise<void>
  /** @throws Error when the call is over */
  hangsUp(): void
  /** What became of the call, when it is over and the flow has returned. */
  readonly outcome: Promise<Outcome>
  /** Whether the call is over. */
  readonly over: boolean
  /** What the phone network, the speech service and the recognizer found wrong with what they were sent. */
  readonly faults: readonly string[]
  /** What happened so far, one line for each happening. */
  readonly transcript: string
  /** How often the call has ended, and how many timers run: once and none, behind the call and the phone's disposal. */
  readonly traces: { readonly ends: number; readonly timers: number }
}

export interface TestPhoneOptions<Outcome> {
  readonly clock: SteppedClock
  readonly pump: Pump
  readonly phone: Phone
  readonly startMs: number
  /** The call is over, at the phone too. */
  readonly ended: Promise<void>
  readonly outcome: Promise<Outcome>
  readonly over: () => boolean
  /** What the speech service spoke, in order. */
  readonly spoken: () => readonly { readonly transcript: string; readonly audio: Uint8Array }[]
  readonly person: Person
  readonly faults: () => readonly string[]
  readonly whyOver: () => string
  readonly ends: () => number
  readonly close: () => Promise<void>
}

/** What a flow does that no phone can hear is told by whoever watches the flow. */
export interface WatchedPhone<Outcome> extends TestPhone<Outcome> {
  note(words: string): void
}

const patienceMs = 120_000

export function createTestPhone<Outcome>(options: TestPhoneOptions<Outcome>): WatchedPhone<Outcome> {
  const { clock, ended, pump, phone, spoken, startMs } = options
  /** What was heard since the last match. */
  let unmatched = ''
  let listener: (() => void) | undefined
  let closing: Promise<void> | undefined
  const diary = keepDiary({
    clock,
    phone,
    startMs,
    spoken,
    heard(text) {
      unmatched += unmatched === '' ? text : ` ${text}`
      listener?.()
    },
  })

  /** Takes what matches, and all before it. */
  function match(words: RegExp | string): boolean {
    const found = typeof words === 'string' ? unmatched.indexOf(words) : unmatched.search(plain(words))
    if (found < 0) return false
    const length = typeof words === 'string' ? words.length : (plain(words).exec(unmatched)?.[0].length ?? 0)
    unmatched = unmatched.slice(found + length)
    return true
  }

  function failure(problem: string, asked: Error, cause?: unknown): Error {
    if (!options.over()) diary.note('(now)')
    const error = new Error(`${problem}\nThe call so far:\n${diary.transcript}`, { cause })
    error.stack = `${error.name}: ${error.message}\n${callersOf(asked)}`
    return error
  }

  function mustBeOn(what: string): void {
    if (options.over())
      throw failure(
        `Expected somebody on the phone to ${what}; the call is over (${options.whyOver()}).`,
        new Error('asked'),
      )
  }

  async function until<T>(done: Promise<T>, what: string, asked: Error): Promise<T> {
    try {
      return await pump.until(done)
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown)
      throw failure(`Waited for ${what} in vain: ${why}`, asked, thrown)
    }
  }

  return {
    async hears(words, { withinMs = patienceMs } = {}) {
      // Who waits for what is known only now: when it fails, time has passed.
      const asked = new Error('asked')
      if (match(words)) return
      if (listener) throw failure('Expected one hears() at a time; await the one before.', asked)
      const heard = Promise.withResolvers<'heard' | 'late'>()
      listener = () => {
        if (match(words)) heard.resolve('heard')
      }
      const patience = clock.after(withinMs, () => heard.resolve('late'))
      try {
        const over = ended.then(() => 'over' as const)
        const end = await until(Promise.race([heard.promise, over]), `the words ${words}`, asked)
        if (end === 'late') throw failure(`Expected to hear ${words}; ${withinMs} ms passed without it.`, asked)
        if (end === 'over')
          throw failure(`Expected to hear ${words}; the call is over (${options.whyOver()}) without it.`, asked)
      } finally {
        listener = undefined
        patience.cancel()
      }
    },
    press(keys) {
      if (!/^[0-9A-D*#w]+$/.test(keys)) throw new TypeError(`Expected keys (0-9, A-D, *, #, w); "${keys}" came.`)
      mustBeOn(`press ${keys}`)
      phone.press(keys)
    },
    says(words) {
      if (words.trim() === '') throw new TypeError('Expected words to say; none came.')
      mustBeOn(`say "${words}"`)
      const amend = diary.note(`says "${words}"`)
      options.person.speak(words, () => amend(', and nobody listens'))
    },
    deafens() {
      diary.note('(the recognizer dies)')
      options.person.deafen()
    },
    async waits(ms) {
      const asked = new Error('asked')
      const passed = Promise.withResolvers<void>()
      const timer = clock.after(ms, () => passed.resolve())
      await until(Promise.race([passed.promise, ended]), `${ms} ms`, asked)
      timer.cancel()
    },
    hangsUp() {
      mustBeOn('hang up')
      phone.hangUp()
    },
    get outcome() {
      return until(options.outcome, 'the end of the call', new Error('asked'))
    },
    get over() {
      return options.over()
    },
    get faults() {
      return options.faults()
    },
    get transcript() {
      return diary.transcript
    },
    get traces() {
      return { ends: options.ends(), timers: clock.timers }
    },
    note: (words) => void diary.note(words),
    [Symbol.asyncDispose]: () => (closing ??= options.close()),
  }
}

/** Without the flags that make a pattern remember where it was. */
function plain(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
}

/** The lines of a stack from the test on: nobody looks for a fault of a flow in here. */
function callersOf({ stack = '' }: Error): string {
  return stack
    .split('\n')
    .slice(1)
    .filter((line) => !line.includes(import.meta.filename))
    .join('\n')
}
