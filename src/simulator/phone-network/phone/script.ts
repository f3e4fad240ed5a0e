import { readWav } from '../../../audio/read-wav.ts'
import type { Answerer } from '../answering-machine.ts'

/** A mailbox: it greets for `greetingMs`, beeps (unless told not to) and records. */
export interface Voicemail {
  afterMs: number
  greetingMs: number
  beep?: boolean
}

/** When a step is taken: that long after the answer, or as soon as that much audio was played. */
export type PhoneMoment = { afterAnswerMs: number } | { afterHeardMs: number }

/** `speak` is mu-law (8,000 Hz), `speakWav` the bytes of a WAV file: mu-law or 16-bit PCM, any rate. */
export type PhoneStep = PhoneMoment &
  ({ press: string } | { speak: Uint8Array } | { speakWav: Uint8Array } | { hangUp: true })

export interface PhoneScript {
  /** Default: `{ afterMs: 1000 }`. */
  answer?: { afterMs: number } | 'busy' | 'no-answer' | 'failed' | { voicemail: Voicemail }
  steps?: readonly PhoneStep[]
  hangUp?: PhoneMoment
}

export const beepMs = 500

export function answererOf(script: PhoneScript): Answerer {
  if (typeof script.answer !== 'object' || !('voicemail' in script.answer)) return { kind: 'human' }
  const { greetingMs, beep = true } = script.answer.voicemail
  return { kind: 'voicemail', greetingMs: greetingMs + (beep ? beepMs : 0), beep }
}

/** Throws an Error that says what is wrong with a WAV file that is to be spoken. */
export function checkScript(script: PhoneScript): void {
  for (const step of script.steps ?? []) if ('speakWav' in step) readWav(step.speakWav)
}

export function stepsOf(script: PhoneScript): readonly PhoneStep[] {
  const steps = script.steps ?? []
  return script.hangUp ? [...steps, { ...script.hangUp, hangUp: true }] : steps
}
