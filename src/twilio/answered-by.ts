/** Verdicts of Twilio's answering machine detection (Twilio docs, Answering machine detection). */
const verdicts = [
  'human',
  'fax',
  'unknown',
  /** `Enable`: as soon as a machine is recognised. */
  'machine_start',
  /** `DetectMessageEnd`: when its greeting is over. */
  'machine_end_beep',
  'machine_end_silence',
  'machine_end_other',
] as const

export type AnsweredBy = (typeof verdicts)[number]

/** Undefined where there is no verdict, or one that Twilio added since. */
export function parseAnsweredBy(value: unknown): AnsweredBy | undefined {
  return verdicts.find((known) => known === value)
}
