import type { ListenBehaviour } from './behaviour.ts'
import type { ListenSettings } from './query.ts'

/** What a caller says, for the service to hear. */
export interface Saying {
  readonly text: string
  /** Where in the audio of the connection it begins; left out: where the audio has come to. */
  readonly atMs?: number
  /** How long a word takes; 300 when left out. */
  readonly wordMs?: number
  /** The pieces that become a final result each; left out: all of it is one. */
  readonly parts?: readonly string[]
  /** What the service takes it for on the way, one after the other, instead of what `interims` makes. */
  readonly interims?: readonly string[]
}

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

const defaultWordMs = 300
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

  function hear({ text, atMs = audioMs, wordMs = defaultWordMs, parts = [text], interims }: Saying): void {
    const endMs = atMs + parts.flatMap(words).length * wordMs
    if (settings.vadEvents && behaviour.speechStarted === 'sent') add({ kind: 'started', atMs })
    let partMs = atMs
    for (const [index, part] of parts.entries()) {
      const startMs = partMs
      partMs += words(part).length * wordMs
      const guesses = interims && index === 0 ? interims : guessesOf(words(part), behaviour.interims)
      if (settings.interimResults)
        for (const [nth, guess] of guesses.entries())
          add(result(guess, startMs, startMs + ((nth + 1) * (partMs - startMs)) / guesses.length))
      const isLast = index === parts.length - 1
      const { endpointingMs } = settings
      const speechFinal = isLast && endpointingMs !== undefined && /both|speech-final/.test(behaviour.endpoint)
      const delayMs = isLast ? (endpointingMs ?? finalDelayMs) : 0
      const whole = result(part, startMs, partMs, { isFinal: true, speechFinal, atMs: partMs + delayMs })
      add(whole, ...(behaviour.finals === 'twice' ? [whole] : []))
    }
    const { utteranceEndMs } = settings
    if (utteranceEndMs !== undefined && /both|utterance-end/.test(behaviour.endpoint))
      add({ kind: 'utterance-end', atMs: endMs + utteranceEndMs, lastWordEndMs: endMs })
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

export function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

/** What is thought of a text while its words come in. */
export function guessesOf(all: readonly string[], how: ListenBehaviour['interims']): string[] {
  if (how === 'none') return []
  return all.flatMap((word, index) => {
    const before = all.slice(0, index)
    const right = [...before, word].join(' ')
    return how === 'growing' ? [right] : [[...before, 'um', misheard(word)].join(' '), right]
  })
}

function misheard(word: string): string {
  return word.slice(1) + word.slice(0, 1)
}
