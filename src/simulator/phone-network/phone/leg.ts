import { bytesToMs, msToBytes } from '../../../audio/duration.ts'
import { type Clock, holdIfStepped, type Timer } from '../../clock.ts'
import { createPlayout, type Playout } from '../playout.ts'
import { later } from '../../waiting.ts'
import { createListeners, type Listeners, type PhoneEvent } from './events.ts'
import { createMouth, type Mouth } from './mouth.ts'
import { beepMs, type PhoneMoment, type PhoneScript, stepsOf } from './script.ts'
import { tone } from './tone.ts'
import { wavToMulaw } from './wav.ts'

/** Details of an event, without the time. */
type Happening = PhoneEvent extends infer E ? (E extends PhoneEvent ? Omit<E, 'atMs'> : never) : never

/** One call at one phone: what it plays, what it says, which keys it presses. */
export interface Leg {
  readonly playout: Playout
  readonly mouth: Mouth
  readonly answeredAtMs: number | undefined
  readonly endedAtMs: number | undefined
  /** When a mailbox began to record. */
  readonly recordsFromMs: number | undefined
  readonly said: string[]
  /** Aborts when the call is over at this phone. */
  readonly over: AbortSignal
  readonly digits: Listeners<string>
  /** Told before the phone does anything, so that frames that are due can be sent first. */
  readonly stirring: Listeners<undefined>
  readonly hungUp: Listeners<undefined>
  answer(): void
  /** The stream has queued or dropped audio. */
  playoutChanged(): void
  happened(event: Happening): void
  press(digits: string): void
  speak(audio: Uint8Array): void
  /** Resolves when the file has been read and the phone has begun to say it. Rejects when it is no usable WAV file. */
  speakWav(file: Uint8Array): Promise<void>
  hangUp(): void
  /** The network ends the call at this phone. */
  end(): void
}

export interface LegOptions {
  readonly clock: Clock
  readonly script: PhoneScript
  readonly digitGapMs: () => number
  readonly report: (event: PhoneEvent) => void
}

const greetingHz = 400
const beepHz = 1000

export function createLeg({ clock, script, digitGapMs, report }: LegOptions): Leg {
  const playout = createPlayout()
  const mouth = createMouth()
  const digits = createListeners<string>()
  const stirring = createListeners<undefined>()
  const hungUp = createListeners<undefined>()
  const life = new AbortController()
  let answeredAtMs: number | undefined
  let endedAtMs: number | undefined
  let recordsFromMs: number | undefined
  let firstAudio = false
  let heardSteps: { audioBytes: number; act: () => void; timer: Timer | undefined }[] = []
  let nextDigitMs = 0

  const happened = (event: Happening) => report({ ...event, atMs: clock.now() })
  const talking = () => answeredAtMs !== undefined && endedAtMs === undefined

  function at(moment: PhoneMoment, act: () => void): void {
    if ('afterAnswerMs' in moment) later(clock, moment.afterAnswerMs, life.signal, act)
    else heardSteps.push({ audioBytes: Math.max(1, msToBytes(moment.afterHeardMs)), act, timer: undefined })
  }

  function schedule(step: (typeof heardSteps)[number]): void {
    step.timer?.cancel()
    const dueMs = playout.playedAtMs(step.audioBytes)
    if (dueMs === undefined) return
    step.timer = later(clock, dueMs - clock.now(), life.signal, () => {
      heardSteps = heardSteps.filter((other) => other !== step)
      step.act()
    })
  }

  function greet(): void {
    if (typeof script.answer !== 'object' || !('voicemail' in script.answer)) return
    const { greetingMs, beep = true } = script.answer.voicemail
    leg.speak(tone(greetingHz, greetingMs))
    later(clock, greetingMs, life.signal, () => {
      recordsFromMs = clock.now() + (beep ? beepMs : 0)
      if (!beep) return
      leg.speak(tone(beepHz, beepMs))
      happened({ type: 'beep' })
    })
  }

  const leg: Leg = {
    playout,
    mouth,
    get answeredAtMs() {
      return answeredAtMs
    },
    get endedAtMs() {
      return endedAtMs
    },
    get recordsFromMs() {
      return recordsFromMs
    },
    said: [],
    over: life.signal,
    digits,
    stirring,
    hungUp,
    answer() {
      if (answeredAtMs !== undefined || endedAtMs !== undefined) return
      answeredAtMs = clock.now()
      happened({ type: 'answered' })
      greet()
      for (const step of stepsOf(script))
        at(step, () => {
          if ('press' in step) leg.press(step.press)
          else if ('speak' in step) leg.speak(step.speak)
          // The script was checked when the phone was registered.
          else if ('speakWav' in step) void leg.speakWav(step.speakWav)
          else leg.hangUp()
        })
    },
    playoutChanged() {
      if (!firstAudio && playout.playedAtMs(1) !== undefined) {
        firstAudio = true
        happened({ type: 'first-audio' })
      }
      for (const step of heardSteps) schedule(step)
    },
    happened,
    press(keys) {
      for (const key of keys) {
        const gapMs = digitGapMs()
        const dueMs = Math.max(clock.now(), nextDigitMs) + (key === 'w' ? 500 : 0)
        nextDigitMs = dueMs + gapMs
        if (!/^[0-9A-D*#]$/.test(key)) continue
        const press = () => {
          if (!talking()) return
          stirring.tell(undefined)
          happened({ type: 'pressed', digits: key })
          digits.tell(key)
        }
        if (dueMs <= clock.now()) press()
        else later(clock, dueMs - clock.now(), life.signal, press)
      }
    },
    speak(audio) {
      if (!talking()) return
      stirring.tell(undefined)
      mouth.speak(audio, clock.now())
      happened({ type: 'spoke' })
      stirring.tell(undefined)
    },
    async speakWav(file) {
      // Resampling costs real time, but none on a stepped clock.
      const release = holdIfStepped(clock)
      try {
        leg.speak(await wavToMulaw(file))
      } finally {
        release()
      }
    },
    hangUp() {
      if (endedAtMs !== undefined) return
      stirring.tell(undefined)
      happened({ type: 'hung-up', by: 'phone' })
      hungUp.tell(undefined)
    },
    end() {
      if (endedAtMs !== undefined) return
      endedAtMs = clock.now()
      life.abort()
    },
  }
  return leg
}

/** Milliseconds of audio that the leg has played. */
export function heardMs(leg: Leg, nowMs: number): number {
  return bytesToMs(leg.playout.playedBytes(leg.endedAtMs ?? nowMs))
}
