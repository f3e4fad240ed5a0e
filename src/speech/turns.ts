import type { SpeechEnd, SpeechInput, SpeechSession, SpeechSink } from './provider.ts'

/**
 * Utterances of several sessions, passed on one after the other in the order they were begun. What a session makes
 * ahead of its turn is held back.
 */
export interface Turns {
  /** Its text is kept until it is given to a session. */
  add(sink: SpeechSink): Turn
  /** Ends all as cancelled; what is added later too, in its own time. Idempotent. */
  close(): void
}

export interface Turn {
  readonly input: SpeechInput
  /** Has the utterance spoken in this session. Calls no sink before it returns, unless the session does. */
  speakIn(session: Pick<SpeechSession, 'speak'>): void
}

interface Waiting {
  readonly sink: SpeechSink
  /** It is its turn, and nothing is held back: what comes is passed on. Asked for every chunk. */
  passing: boolean
  readonly held: (readonly [payload: string, audioBytes: number])[]
  end: SpeechEnd | undefined
  over: boolean
}

export function createTurns(): Turns {
  let queue: Waiting[] = []
  let closed = false

  function finish(turn: Waiting, end: SpeechEnd): void {
    if (turn.over) return
    turn.over = true
    turn.passing = false
    turn.held.length = 0
    queue = queue.filter((one) => one !== turn)
    turn.sink.ended(end)
    passOn()
  }

  /** Passes on what was held back of the one whose turn it is. */
  function passOn(): void {
    const [turn] = queue
    if (!turn) return
    for (let chunk = turn.held.shift(); chunk && !turn.over; chunk = turn.held.shift()) turn.sink.audio(...chunk)
    turn.passing = !turn.over
    if (turn.end) finish(turn, turn.end)
  }

  return {
    add(sink) {
      const turn: Waiting = { sink, passing: queue.length === 0 && !closed, held: [], end: undefined, over: false }
      const texts: string[] = []
      let inputEnded = false
      let input: SpeechInput | undefined
      if (closed) queueMicrotask(() => finish(turn, { kind: 'cancelled' }))
      else queue.push(turn)
      return {
        input: {
          push(text) {
            if (input) input.push(text)
            else if (!inputEnded) texts.push(text)
          },
          end() {
            inputEnded = true
            input?.end()
          },
          cancel() {
            if (input) input.cancel()
            finish(turn, { kind: 'cancelled' })
          },
        },
        speakIn(session) {
          if (turn.over || closed) return
          const { audio } = sink
          input = session.speak({
            audio(payload, audioBytes) {
              if (turn.passing) audio(payload, audioBytes)
              else if (!turn.over) turn.held.push([payload, audioBytes])
            },
            ended(end) {
              if (queue[0] === turn || end.kind === 'cancelled') finish(turn, end)
              else turn.end ??= end
            },
          })
          for (const text of texts.splice(0)) input.push(text)
          if (inputEnded) input.end()
        },
      }
    },
    close() {
      closed = true
      for (const turn of queue.splice(0)) finish(turn, { kind: 'cancelled' })
    },
  }
}
