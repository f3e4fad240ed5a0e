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
  speakIn(session: Speaking): void
}

type Speaking = Pick<SpeechSession, 'speak'>

interface Waiting {
  readonly sink: SpeechSink
  /** Where it is spoken. */
  session: Speaking | undefined
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
    if (turn.end) finish(turn, turn.end)
  }

  /** Passes its audio on in its turn. */
  function hold(turn: Waiting): SpeechSink['audio'] {
    return (payload, audioBytes) => {
      if (turn.over) return
      if (queue[0] === turn && turn.held.length === 0) turn.sink.audio(payload, audioBytes)
      else turn.held.push([payload, audioBytes])
    }
  }

  /** Whether all that come before it are spoken in the same session, which passes them on in their order itself. */
  function isInOrder(turn: Waiting): boolean {
    return queue.slice(0, queue.indexOf(turn)).every((before) => before.session === turn.session)
  }

  return {
    add(sink) {
      const turn: Waiting = { sink, session: undefined, held: [], end: undefined, over: false }
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
          turn.session = session
          input = session.speak({
            audio: isInOrder(turn) ? sink.audio : hold(turn),
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
