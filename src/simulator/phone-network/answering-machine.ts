/** Results of answering machine detection (Twilio docs, Answering machine detection). */
export type AnsweredBy =
  | 'human'
  | 'fax'
  | 'unknown'
  | 'machine_start'
  | 'machine_end_beep'
  | 'machine_end_silence'
  | 'machine_end_other'

export interface Detection {
  readonly mode: 'Enable' | 'DetectMessageEnd'
  readonly timeoutMs: number
}

/** What the detection hears at the other end. */
export type Answerer = { kind: 'human' } | { kind: 'voicemail'; greetingMs: number; beep: boolean }

/** The verdict, and how long after the answer it comes. */
export function detect(
  { mode, timeoutMs }: Detection,
  answerer: Answerer,
  delayMs: number,
): { verdict: AnsweredBy; afterMs: number } {
  const verdict = verdictOf(mode, answerer)
  const endOfGreetingMs = answerer.kind === 'voicemail' ? answerer.greetingMs : 0
  const afterMs = mode === 'DetectMessageEnd' ? Math.max(delayMs, endOfGreetingMs) : delayMs
  return afterMs > timeoutMs ? { verdict: 'unknown', afterMs: timeoutMs } : { verdict, afterMs }
}

function verdictOf(mode: Detection['mode'], answerer: Answerer): AnsweredBy {
  if (answerer.kind === 'human') return 'human'
  if (mode === 'Enable') return 'machine_start'
  return answerer.beep ? 'machine_end_beep' : 'machine_end_silence'
}
