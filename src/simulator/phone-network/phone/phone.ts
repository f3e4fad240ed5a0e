import type { Clock } from '../../clock.ts'
import { createListeners, type PhoneEvent } from './events.ts'
import { createLeg, heardMs, type Leg } from './leg.ts'
import { checkScript, type PhoneScript } from './script.ts'

/** A phone, as the person holding it knows it. What it heard and said is that of its latest call. */
export interface Phone {
  readonly number: string
  /** Presses keys: 0-9, A-D, `*`, `#`, and `w` for half a second's pause. Before the answer nothing happens. */
  press(digits: string): void
  /** Says mu-law audio, in frames of 20 ms; several calls queue. */
  speak(mulaw: Uint8Array): void
  /**
   * Says what a WAV file holds: mu-law or 16-bit PCM, any rate, any number of channels. Resolves when it has begun;
   * rejects when the file is no such thing. Without a call nothing happens.
   */
  speakWav(file: Uint8Array): Promise<void>
  /** Hangs up; while it rings, declines. */
  hangUp(): void
  /** What the phone played, from the answer on: the whole timeline, silence (0xFF) where nothing was played. */
  readonly recording: Uint8Array
  /** The bytes that were played, in order, and nothing else. */
  readonly heard: Uint8Array
  readonly heardMs: number
  /** What a mailbox recorded after its beep. */
  readonly mailbox: Uint8Array
  /** Texts spoken to it by `<Say>`. */
  readonly said: readonly string[]
  readonly events: readonly PhoneEvent[]
  /**
   * The call is over, and its terminal status decided, whether it rang here or not. Made anew when the next call to
   * this phone has been accepted. Without any call it waits for one, until the network closes: a create that is
   * refused begins no call.
   */
  readonly ended: Promise<void>
  on(listener: (event: PhoneEvent) => void): () => void
}

/** The phone, as the network knows it. */
export interface PhoneSet {
  readonly phone: Phone
  readonly script: PhoneScript
  readonly engaged: boolean
  /** A call to this phone has been accepted: `ended` tells of it. */
  expect(): void
  /** A new call at this phone; it rings. */
  connect(): Leg
  /** A call to this phone ended without ringing here, or none will come any more. */
  missed(): void
  /** The call is over: the leg ends, and `ended` resolves. `by` is undefined when the phone itself hung up. */
  disconnect(leg: Leg, by: 'network' | undefined): void
}

/** Throws when `script` is to speak a WAV file that cannot be read. */
export function createPhoneSet(clock: Clock, number: string, script: PhoneScript, digitGapMs: () => number): PhoneSet {
  checkScript(script)
  const listeners = createListeners<PhoneEvent>()
  const events: PhoneEvent[] = []
  let leg: Leg | undefined
  let over = Promise.withResolvers<void>()
  let finished = false

  function untilMs(): number {
    return leg?.endedAtMs ?? clock.now()
  }

  function timeline(fromMs: number | undefined): Uint8Array {
    return leg && fromMs !== undefined ? leg.playout.timeline(fromMs, untilMs()) : new Uint8Array()
  }

  const phone: Phone = {
    number,
    press: (digits) => leg?.press(digits),
    speak: (mulaw) => leg?.speak(mulaw),
    speakWav: async (file) => leg?.speakWav(file),
    hangUp: () => leg?.hangUp(),
    get recording() {
      return timeline(leg?.answeredAtMs)
    },
    get heard() {
      return leg ? leg.playout.played(untilMs()) : new Uint8Array()
    },
    get heardMs() {
      return leg ? heardMs(leg, clock.now()) : 0
    },
    get mailbox() {
      return timeline(leg?.recordsFromMs)
    },
    get said() {
      return leg?.said ?? []
    },
    events,
    get ended() {
      return over.promise
    },
    on: (listener) => listeners.add(listener),
  }

  function expectCall(): void {
    if (finished) over = Promise.withResolvers<void>()
    finished = false
  }

  return {
    phone,
    script,
    get engaged() {
      return leg !== undefined && leg.endedAtMs === undefined
    },
    expect: expectCall,
    connect() {
      expectCall()
      const report = (event: PhoneEvent) => {
        events.push(event)
        listeners.tell(event)
      }
      leg = createLeg({ clock, script, digitGapMs, report })
      leg.happened({ type: 'ringing' })
      return leg
    },
    missed() {
      if (leg && leg.endedAtMs === undefined) return
      finished = true
      over.resolve()
    },
    disconnect(ended, by) {
      if (ended.endedAtMs !== undefined) return
      ended.end()
      if (by) ended.happened({ type: 'hung-up', by })
      finished = true
      over.resolve()
    },
  }
}
