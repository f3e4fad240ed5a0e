import { partsOf, type Saying } from '../../saying.ts'
import type { ListenBehaviour } from './behaviour.ts'
import type { ListenSettings } from './query.ts'

/** Something the service tells, at a time of the audio. */
export type Told =
  | { readonly kind: 'started'; readonly atMs: number }
  | {
      readonly kind: 'result'
      readonly atMs: number
      readonly text: string
      readonly startMs: number
      readonly endMs: number
      readonly isFinal: boolean
      readonly speechFinal: boolean
      readonly fromFinalize: boolean
    }
  | { readonly kind: 'utterance-end'; readonly atMs: number; readonly lastWordEndMs: number }

type Result = Extract<Told, { kind: 'result' }>

/** The ear of one connection. Driven by the audio that came, not by the time that passed. */
export interface Recognition {
  hear(saying: Saying): void
  /** What is due when so much audio has come. */
  advance(audioMs: number): Told[]
  /** What Finalize brings out now: all that was begun. */
  finalize(): Told[]
  /** All that was begun, because no more audio comes. */
  finish(): Told[]
}

/** Without endpointing a result becomes final all the same, some time behind the last word. */
const finalDelayMs = 500

export function createRecognition(settings: ListenSettings, behaviour: Readonly<ListenBehaviour>): Recognition {
  let due: Told[] = []
  let audioMs = 0
  let toldMs = 0
  /** Up to here the audio is in a final result. */
  let finalMs = 0

  function add(...told: Told[]): void {
    due = [...due, ...told].toSorted((one, other) => one.atMs - other.atMs)
  }

  function result(text: string, startMs: number, endMs: number, more: Partial<Result> = {}): Result {
    return {
      kind: 'result',
      atMs: endMs,
      text,
      startMs,
      endMs,
      isFinal: false,
      speechFinal: false,
      fromFinalize: false,
      ...more,
    }
  }

  function hear(saying: Saying): void {
    const parts = partsOf(saying, audioMs, behaviour.interims)
    const atMs = parts[0]?.startMs ?? audioMs
    const lastWordEndMs = parts.at(-1)?.endMs ?? audioMs
    if (settings.vadEvents && behaviour.speechStarted === 'sent') add({ kind: 'started', atMs })
    for (const { text, startMs, endMs, guesses, isLast } of parts) {
      if (settings.interimResults) for (const guess of guesses) add(result(guess.text, startMs, guess.atMs))
      const { endpointingMs } = settings
      const speechFinal = isLast && endpointingMs !== undefined && /both|speech-final/.test(behaviour.endpoint)
      const delayMs = isLast ? (endpointingMs ?? finalDelayMs) : 0
      const whole = result(text, startMs, endMs, { isFinal: true, speechFinal, atMs: endMs + delayMs })
      add(whole, ...(behaviour.finals === 'twice' ? [whole] : []))
    }
    const { utteranceEndMs } = settings
    if (utteranceEndMs !== undefined && /both|utterance-end/.test(behaviour.endpoint))
      add({ kind: 'utterance-end', atMs: lastWordEndMs + utteranceEndMs, lastWordEndMs })
  }

  function take(told: Told[]): Told[] {
    for (const it of told) if (it.kind === 'result' && it.isFinal) finalMs = Math.max(finalMs, it.endMs)
    if (told.length > 0) toldMs = audioMs
    return told
  }

  function untilNow(): Told[] {
    const now = due.filter((told) => told.atMs <= audioMs)
    due = due.filter((told) => told.atMs > audioMs)
    return take(now)
  }

  /** Final results of what was begun and is not told; their endpoints with them. */
  function begun(): Told[] {
    const now = due.filter((told) => told.kind === 'result' && told.isFinal && told.startMs < audioMs)
    const endMs = Math.max(0, ...now.map((told) => (told.kind === 'result' ? told.endMs : 0)))
    due = due.filter((told) => told.kind !== 'result' || told.startMs >= endMs)
    return take(now)
  }

  return {
    hear,
    advance(toMs) {
      audioMs = toMs
      const told = untilNow()
      if (told.length > 0 || audioMs - toldMs < behaviour.emptyResultsMs) return told
      const isFinal = due.every((it) => it.kind !== 'result' || it.startMs >= audioMs)
      return take([result('', finalMs, audioMs, { isFinal })])
    },
    finalize() {
      const told = begun().map((it) => ({ ...it, fromFinalize: true }))
      return told.length > 0 ? told : take([result('', finalMs, audioMs, { isFinal: true, fromFinalize: true })])
    },
    finish: begun,
  }
}
