import { bytesToMs } from '../../audio/duration.ts'
import { silence } from '../../audio/mulaw.ts'
import type { Clock } from '../clock.ts'
import { keysHeard } from '../key-tones.ts'
import type { PhoneEvent } from '../phone-network/phone/events.ts'
import type { Phone } from '../phone-network/phone/phone.ts'
import { createEar, type Heard } from './listening.ts'
import { createTranscript } from './transcript.ts'

/** Shorter pauses stand between any two sentences. */
const silenceMs = 2000
/** What is shorter is no sound of its own: a text that was cut off between two of its samples. */
const soundMs = 50

/** Keeps what happens at a phone as the lines of a transcript. */
export interface Diary {
  /** Adds a line of the present. Returns what adds words to it. */
  note(words: string): (more: string) => void
  readonly transcript: string
}

export interface DiaryOptions {
  readonly clock: Clock
  readonly phone: Phone
  readonly startMs: number
  /** What the speech service spoke, in order. */
  readonly spoken: () => readonly { readonly transcript: string; readonly audio: Uint8Array }[]
  /** A text was heard to its end. */
  readonly heard: (text: string) => void
}

/** Begins at once, with what happened at the phone before. */
export function keepDiary({ clock, heard, phone, spoken, startMs }: DiaryOptions): Diary {
  const ear = createEar()
  /** When sound was last looked at, and how much of it there was. */
  let last: { readonly atMs: number; readonly heardMs: number } | undefined
  const lines = createTranscript(startMs, () => {
    const sound = ear.lastSound(spoken(), phone.heard)
    if (sound) tell(sound)
  })

  function tell(came: Heard): void {
    if (came.kind === 'sound') {
      const words = soundOf(came.audio)
      // Nothing new since it was last looked at: then it ended by then.
      const untilMs = last?.heardMs === phone.heardMs ? last.atMs : clock.now()
      if (words !== undefined) lines.add(untilMs - (phone.heardMs - bytesToMs(came.endsAt)), words)
      return
    }
    lines.add(clock.now(), came.whole ? `hears "${came.text}"` : `hears the beginning of "${came.text}"`)
    if (came.whole) heard(came.text)
  }

  /** What of the time that has passed since the last sound was none, is told before the sound that ended it. */
  function tellSilence(): void {
    const atMs = clock.now()
    const { heardMs } = phone
    const sounded = heardMs - (last?.heardMs ?? 0)
    if (last && sounded > 0) {
      const silentMs = atMs - last.atMs - sounded
      if (silentMs >= silenceMs) lines.add(atMs - sounded, `has heard nothing for ${seconds(silentMs)}`)
    }
    if (sounded > 0 || !last) last = { atMs, heardMs }
  }

  function listen(cutOff: boolean): void {
    tellSilence()
    for (const came of ear.listen(spoken(), phone.heard, cutOff)) tell(came)
  }

  function happened(event: PhoneEvent): void {
    if (event.type === 'mark') return listen(false)
    if (event.type === 'clear' || event.type === 'hung-up') listen(true)
    const words = wordsOf(event)
    if (words !== undefined) lines.add(event.atMs, words)
    if (event.type === 'said') heard(event.text)
  }

  // It rang before anybody could listen.
  for (const event of phone.events) happened(event)
  phone.on(happened)

  return {
    note: (words) => lines.add(clock.now(), words),
    get transcript() {
      return lines.text
    },
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function soundOf(audio: Uint8Array): string | undefined {
  const ms = bytesToMs(audio.length)
  if (ms < soundMs || audio.every((byte) => byte === silence)) return undefined
  const keys = keysHeard(audio)
  return keys === '' ? `hears a sound of ${seconds(ms)}` : `hears the tones ${keys}`
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
