import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { SpeechEnd, SpeechInput, SpeechSession, SpeechSink } from '../provider.ts'
import type { Connect } from '../../wire/connection.ts'
import { createHabits, type Knowledge } from './habits.ts'
import { createLines } from './lines.ts'
import { createListener } from './listener.ts'
import type { ServerFrame } from './protocol.ts'
import { createSender } from './sender.ts'
import { endsSentence } from './text.ts'
import { createUtterance, doneOf, endInput, isAllSent, type Utterance, write } from './utterance.ts'
import { createWatch } from './watch.ts'

/** A writer who stops this long behind a sentence is not waited for. */
const writerPauseMs = 300

export interface SessionDeps {
  readonly clock: Clock
  readonly log: Log
  readonly speed: number
  readonly knowledge: Knowledge
  readonly bufferedMs: () => number
}

/**
 * One call's session: a queue of utterances, spoken one after the other over one connection at a time. docs/speech.md
 * tells the rules.
 */
export function createSession(connect: Connect<ServerFrame>, deps: SessionDeps): SpeechSession {
  const { clock, log } = deps
  let queue: Utterance[] = []
  let anySpoken = false
  let refusal: BridgeError | undefined
  let closing: Promise<void> | undefined
  let scheduled = false

  const lines = createLines(
    connect,
    {
      opened: carryOn,
      frame: (frame) => listener.frame(frame),
      lost: (error, closeCode) => listener.lost(error, closeCode),
      down(error) {
        if (!error.retryable) refusal = error
        endAll({ kind: 'failed', error })
      },
      // Until the first words somebody waits for them; later the next utterance asks for a connection.
      wanted: () => queue.length > 0 || !anySpoken,
    },
    deps,
  )
  const { ready } = lines.current.link
  const habits = createHabits(deps.knowledge)
  const listener = createListener(lines, { ...deps, habits, finish, schedule, isSpoken, watch: () => watch.set() })
  const watch = createWatch(lines, { ...deps, habits, queue: () => queue, finish, listener })
  const sender = createSender(lines, {
    ...deps,
    habits,
    queue: () => queue,
    moveAway: () => listener.moveAway(),
    schedule,
  })

  /** Not at once: what is pushed and ended in one go is sent in one go, and no sink is called inside a push. */
  function schedule(): void {
    if (scheduled) return
    scheduled = true
    queueMicrotask(() => {
      scheduled = false
      carryOn()
    })
  }

  function carryOn(): void {
    if (closing) return
    for (let [head] = queue; head && isSpoken(head); [head] = queue) finish(head, doneOf(head))
    if (queue.length > 0) lines.current.link.wake()
    sender.pump()
    watch.set()
  }

  function isSpoken(utterance: Utterance): boolean {
    return isAllSent(utterance) && !lines.current.book.segments.some(({ owners }) => owners.includes(utterance))
  }

  /** The one way out of an utterance. */
  function finish(utterance: Utterance, end: SpeechEnd): void {
    if (utterance.over) return
    utterance.over = true
    utterance.writerTimer?.cancel()
    queue = queue.filter((waiting) => waiting !== utterance)
    listener.dropUnwanted()
    utterance.sink.ended(end)
    schedule()
  }

  function endAll(end: SpeechEnd): void {
    for (const utterance of queue) finish(utterance, end)
  }

  function waitForWriter(utterance: Utterance): void {
    utterance.paused = false
    utterance.writerTimer?.cancel()
    if (!endsSentence(utterance.written)) return
    utterance.writerTimer = clock.after(writerPauseMs, () => {
      utterance.paused = true
      schedule()
    })
  }

  return {
    ready,
    speak(sink: SpeechSink): SpeechInput {
      anySpoken = true
      const utterance = createUtterance(sink)
      if (closing || refusal) {
        const end: SpeechEnd = !closing && refusal ? { kind: 'failed', error: refusal } : { kind: 'cancelled' }
        queueMicrotask(() => finish(utterance, end))
      } else {
        queue.push(utterance)
        schedule()
      }
      return {
        push(text) {
          if (utterance.over || utterance.inputEnded) return
          write(utterance, text)
          waitForWriter(utterance)
          schedule()
        },
        end() {
          if (utterance.over || utterance.inputEnded) return
          utterance.writerTimer?.cancel()
          endInput(utterance)
          schedule()
        },
        cancel: () => finish(utterance, { kind: 'cancelled' }),
      }
    },
    close() {
      if (closing) return closing
      sender.stop()
      watch.stop()
      closing = lines.close()
      endAll({ kind: 'cancelled' })
      log.debug(listener.counts, 'speech session closed')
      return closing
    },
  }
}
