import type { SteppedClock } from '../clock.ts'
import type { PhoneEvent } from '../phone-network/phone/events.ts'
import type { Phone } from '../phone-network/phone/phone.ts'
import { tone } from '../phone-network/phone/tone.ts'
import { createEar } from './listening.ts'
import type { Pump } from './pump.ts'
import { wordMs } from './test-recognizer.ts'
import { createTranscript } from './transcript.ts'

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
   * Says words, 300 ms each, to the recognizer that the flow listens with; 300 ms of silence follow. Time passes when
   * something is awaited. @throws Error when nobody is on the phone
   */
  says(words: string): void
  /** Nothing is done for so long, or until the call is over. */
  waits(ms: number): Promise<void>
  /** @throws Error when the call is over */
  hangsUp(): void
  /** What became of the call, when it is over and the flow has returned. */
  readonly outcome: Promise<Outcome>
  /** Whether the call is over. */
  readonly over: boolean
  /** What the phone network and the speech service found wrong with what they were sent. */
  readonly faults: readonly string[]
  /** What happened so far, one line for each happening. */
  readonly transcript: string
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
  /** Tells the recognizer; whether anybody listens. */
  readonly speak: (words: string) => boolean
  readonly faults: () => readonly string[]
  readonly whyOver: () => string
  readonly close: () => Promise<void>
}

const patienceMs = 120_000
const voiceHz = 200

export function createTestPhone<Outcome>(options: TestPhoneOptions<Outcome>): TestPhone<Outcome> {
  const { clock, ended, pump, phone } = options
  const transcript = createTranscript(options.startMs)
  const ear = createEar()
  /** What was heard since the last match. */
  let unmatched = ''
  let listener: (() => void) | undefined
  let closing: Promise<void> | undefined

  function hear(text: string): void {
    unmatched += unmatched === '' ? text : ` ${text}`
    listener?.()
  }

  function listen(cutOff: boolean): void {
    for (const { text, whole } of ear.listen(options.spoken(), phone.heard, cutOff)) {
      transcript.add(clock.now(), whole ? `hears "${text}"` : `hears the beginning of "${text}"`)
      if (whole) hear(text)
    }
  }

  function happened(event: PhoneEvent): void {
    if (event.type === 'mark') return listen(false)
    if (event.type === 'clear' || event.type === 'hung-up') listen(true)
    const words = wordsOf(event)
    if (words !== undefined) transcript.add(event.atMs, words)
    if (event.type === 'said') hear(event.text)
  }

  /** Takes what matches, and all before it. */
  function match(words: RegExp | string): boolean {
    const found = typeof words === 'string' ? unmatched.indexOf(words) : unmatched.search(plain(words))
    if (found < 0) return false
    const length = typeof words === 'string' ? words.length : (plain(words).exec(unmatched)?.[0].length ?? 0)
    unmatched = unmatched.slice(found + length)
    return true
  }

  function failure(problem: string, cause?: unknown): Error {
    return new Error(`${problem}\nThe call so far:\n${transcript.text}`, { cause })
  }

  function mustBeOn(what: string): void {
    if (options.over())
      throw failure(`Expected somebody on the phone to ${what}; the call is over (${options.whyOver()}).`)
  }

  async function until<T>(done: Promise<T>, what: string): Promise<T> {
    try {
      return await pump.until(done)
    } catch (thrown) {
      throw failure(`Waited for ${what} in vain: ${thrown instanceof Error ? thrown.message : String(thrown)}`, thrown)
    }
  }

  phone.on(happened)
  // It rang before anybody could listen.
  for (const event of phone.events) happened(event)

  return {
    async hears(words, { withinMs = patienceMs } = {}) {
      if (match(words)) return
      if (listener) throw failure('Expected one hears() at a time; await the one before.')
      const heard = Promise.withResolvers<'heard' | 'late'>()
      listener = () => {
        if (match(words)) heard.resolve('heard')
      }
      const patience = clock.after(withinMs, () => heard.resolve('late'))
      try {
        const end = await until(Promise.race([heard.promise, ended.then(() => 'over' as const)]), `the words ${words}`)
        if (end === 'late') throw failure(`Expected to hear ${words}; ${withinMs} ms passed without it.`)
        if (end === 'over')
          throw failure(`Expected to hear ${words}; the call is over (${options.whyOver()}) without it.`)
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
      const listened = options.speak(words)
      transcript.add(clock.now(), `says "${words}"${listened ? '' : ', and nobody listens'}`)
      phone.speak(tone(voiceHz, words.trim().split(/\s+/).length * wordMs))
    },
    async waits(ms) {
      const passed = Promise.withResolvers<void>()
      const timer = clock.after(ms, () => passed.resolve())
      await until(Promise.race([passed.promise, ended]), `${ms} ms`)
      timer.cancel()
    },
    hangsUp() {
      mustBeOn('hang up')
      phone.hangUp()
    },
    get outcome() {
      return until(options.outcome, 'the end of the call')
    },
    get over() {
      return options.over()
    },
    get faults() {
      return options.faults()
    },
    get transcript() {
      return transcript.text
    },
    [Symbol.asyncDispose]: () => (closing ??= options.close()),
  }
}

/** Without the flags that make a pattern remember where it was. */
function plain(pattern: RegExp): RegExp {
  return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''))
}

function wordsOf(event: PhoneEvent): string | undefined {
  switch (event.type) {
    case 'ringing':
      return 'rings'
    case 'answered':
      return 'answers'
    case 'beep':
      return 'beeps, and records'
    case 'pressed':
      return `presses ${event.digits}`
    case 'tones':
      return `hears the tones ${event.digits}`
    case 'said':
      return `hears "${event.text}" in Twilio’s voice`
    case 'hung-up':
      return event.by === 'phone' ? 'hangs up' : 'is hung up'
    default:
      return undefined
  }
}
