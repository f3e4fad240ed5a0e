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

export interface Turn extends SpeechInput {
  /** Has the utterance spoken in this session. Calls no sink before it returns, unless the session does. */
  speakIn(session: Speaking): void
}

type Speaking = Pick<SpeechSession, 'speak'>

/** What most turns never need is made when it is needed: every sentence of a text has one, to the end of the text. */
interface Waiting {
  readonly sink: SpeechSink
  /** Where it is spoken. */
  session: Speaking | undefined
  held: (readonly [payload: string, audioBytes: number])[] | undefined
  /** What was pushed before there was a session to speak in. */
  texts: string[] | undefined
  inputEnded: boolean
  /** Of the session that speaks it, to the end: what a session keeps of an utterance is gone then. */
  input: SpeechInput | undefined
  end: SpeechEnd | undefined
  over: boolean
}

export function createTurns(): Turns {
  let queue: Waiting[] = []
  let closed = false

  function finish(turn: Waiting, end: SpeechEnd): void {
    if (turn.over) return
    turn.over = true
    turn.held = undefined
    turn.texts = undefined
    turn.input = undefined
    turn.session = undefined
    queue = queue.filter((one) => one !== turn)
    turn.sink.ended(end)
    passOn()
  }

  /** Passes on what was held back of the one whose turn it is. */
  function passOn(): void {
    const [turn] = queue
    if (!turn) return
    for (let chunk = turn.held?.shift(); chunk && !turn.over; chunk = turn.held?.shift()) turn.sink.audio(...chunk)
    if (turn.end) finish(turn, turn.end)
  }

  function took(turn: Waiting, payload: string, audioBytes: number): void {
    if (turn.over) return
    if (queue[0] === turn && !turn.held?.length) turn.sink.audio(payload, audioBytes)
    else (turn.held ??= []).push([payload, audioBytes])
  }

  function ended(turn: Waiting, end: SpeechEnd): void {
    if (queue[0] === turn || end.kind === 'cancelled') finish(turn, end)
    else turn.end ??= end
  }

  /**
   * Whether all that come before it are spoken in the same session, which passes them on in their order itself; and none of
   * them is held back here, with which the session is done.
   */
  function isInOrder(turn: Waiting): boolean {
    const before = queue.slice(0, queue.indexOf(turn))
    return before.every(({ session, held, end }) => session === turn.session && !held?.length && !end)
  }

  function speakIn(turn: Waiting, session: Speaking): void {
    if (turn.over || closed) return
    turn.session = session
    const input = session.speak({
      audio: isInOrder(turn)
        ? (payload, audioBytes) => turn.sink.audio(payload, audioBytes)
        : (payload, audioBytes) => took(turn, payload, audioBytes),
      ended: (end) => ended(turn, end),
    })
    const { texts = [] } = turn
    turn.texts = undefined
    if (!turn.over) turn.input = input
    for (const text of texts) input.push(text)
    if (turn.inputEnded) input.end()
  }

  return {
    add(sink) {
      const turn: Waiting = {
        sink,
        session: undefined,
        held: undefined,
        texts: undefined,
        inputEnded: false,
        input: undefined,
        end: undefined,
        over: false,
      }
      if (closed) queueMicrotask(() => finish(turn, { kind: 'cancelled' }))
      else queue.push(turn)
      return {
        push(text) {
          if (turn.input) turn.input.push(text)
          else if (!turn.inputEnded && !turn.over) (turn.texts ??= []).push(text)
        },
        end() {
          turn.inputEnded = true
          turn.input?.end()
        },
        cancel() {
          turn.input?.cancel()
          finish(turn, { kind: 'cancelled' })
        },
        speakIn: (session) => speakIn(turn, session),
      }
    },
    close() {
      closed = true
      for (const turn of queue.splice(0)) finish(turn, { kind: 'cancelled' })
    },
  }
}
