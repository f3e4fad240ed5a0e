import { partsOf, type Saying } from '../../saying.ts'
import type { ListenBehaviour } from './behaviour.ts'
import type { Reply } from './server-frames.ts'

/** The ear of one connection. Driven by the audio that came, not by the time that passed. */
export interface Recognition {
  hear(saying: Saying): void
  /** What is due when so much audio has come. */
  advance(audioMs: number): Reply[]
  /** The last replies: all that was begun. */
  finish(): Reply[]
}

interface DueReply extends Reply {
  readonly atMs: number
  readonly startMs: number
}

export function createRecognition(behaviour: Readonly<ListenBehaviour>): Recognition {
  let due: DueReply[] = []
  let audioMs = 0

  return {
    hear(saying) {
      const added = partsOf(saying, audioMs, behaviour.interims).flatMap(
        ({ text, startMs, endMs, guesses, isLast }) => {
          const atMs = endMs + (isLast ? behaviour.endpointMs : 0)
          return [
            ...guesses.map((guess): DueReply => ({ ...guess, startMs, final: false })),
            { text, startMs, atMs, final: true },
          ]
        },
      )
      due = [...due, ...added].toSorted((one, other) => one.atMs - other.atMs)
    },
    advance(toMs) {
      audioMs = toMs
      const now = due.filter(({ atMs }) => atMs <= audioMs)
      if (behaviour.finals === 'when-asked' || behaviour.finals === 'never') {
        // A final reply stays owed.
        due = due.filter(({ atMs, final }) => final || atMs > audioMs)
        return now.filter(({ final }) => !final)
      }
      due = due.filter(({ atMs }) => atMs > audioMs)
      return behaviour.finals === 'twice' ? now.flatMap((reply) => (reply.final ? [reply, reply] : [reply])) : now
    },
    finish() {
      if (behaviour.finals === 'never') return []
      const owed = due.filter(({ final, startMs }) => final && startMs < audioMs)
      due = []
      return owed.length > 0 ? owed : [{ text: '', final: true }]
    },
  }
}
