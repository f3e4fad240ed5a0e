import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { SpeechEnd, SpeechEvent, SpeechInput, SpeechSession, SpeechSink } from '../provider.ts'
import type { Connect } from './connection.ts'
import { enoughEnd, isCertain, isPlausible } from './ending.ts'
import { createLine } from './line.ts'
import { createLink } from './link.ts'
import { createListener } from './listener.ts'
import { shortestSpeechMs } from '../shortest-speech.ts'
import { createTurns } from './turns.ts'
import { createUtterance, rewind } from './utterance.ts'

/** So many refused connections, within some three quarters of a second, are no accident. */
const mostRefusals = 3

/**
 * One call's session: utterances, passed on one after the other over one connection that is kept warm and made again
 * when it is lost. docs/speech.md tells the rules.
 */
export function createSession(
  connect: Connect,
  deps: {
    /** Of the provider, as events tell it. */
    name: string
    clock: Clock
    log: Log
    events?: ((event: SpeechEvent) => void) | undefined
  },
): SpeechSession {
  const { name: provider, clock, log } = deps
  const line = createLine()
  let refusal: BridgeError | undefined
  let connectionError: BridgeError | undefined
  /** Connections that were refused before any was accepted. */
  let refusedFirst = 0
  let everAccepted = false
  let closing: Promise<void> | undefined

  const turns = createTurns(line, {
    clock,
    log,
    send: (message) => link.send(message),
    wake: () => link.wake(),
    replace,
    connectionError: () => connectionError,
    outOfReach: () => !everAccepted && refusedFirst >= mostRefusals,
  })
  const listener = createListener(line, turns, {
    clock,
    log,
    lose: (error, delayMs) => link.lose(error, delayMs),
    replace,
    refuse(error) {
      tellGone(error)
      link.refuse(error)
    },
    hasBeenReady: () => link.hasBeenReady(),
  })
  const link = createLink(
    connect,
    {
      opened() {
        line.connected = true
        turns.carryOn()
      },
      settled() {
        line.settled = true
        everAccepted = true
        deps.events?.({ type: 'connected', provider })
        turns.carryOn()
      },
      frame: (frame) => listener.frame(frame),
      lost: onLost,
      down(error) {
        if (!error.retryable) refusal = error
        turns.endAll({ kind: 'failed', error })
      },
      contextId() {
        const utterance = turns.current()
        return utterance?.begun ? utterance.contextId : undefined
      },
    },
    deps,
  )

  function replace(): void {
    tellGone()
    link.replace()
  }

  /** The connection is over, without an error by our own will. */
  function tellGone(error?: BridgeError): void {
    const { settled } = line
    turns.disconnected()
    if (settled) deps.events?.({ type: 'disconnected', provider, error })
    else if (error) deps.events?.({ type: 'connection-error', provider, error })
  }

  function onLost(error: BridgeError, closeCode: number | undefined): void {
    connectionError = error
    refusedFirst++
    const utterance = turns.current()
    const next = turns.next()
    // A service that leaves other text unspoken has not closed because it had come to the end.
    const amidWork = next !== undefined && next.audioBytes === 0
    tellGone(error)
    // It need not wait so long for a service that is out of reach.
    if (!utterance?.begun) return turns.watch()
    const orderly = (closeCode === 1000 || closeCode === 1005) && !amidWork
    const mayBeAll = utterance.audioBytes > 0 && utterance.endedAt !== undefined && isPlausible(utterance)
    if (mayBeAll && (orderly || isCertain(utterance))) turns.finish(utterance, enoughEnd(utterance))
    else if (utterance.audioBytes > 0 || utterance.repeated) turns.finish(utterance, { kind: 'failed', error })
    else {
      utterance.repeated = true
      rewind(utterance)
      turns.watch()
    }
  }

  return {
    ready: link.ready,
    speak(sink: SpeechSink): SpeechInput {
      const utterance = createUtterance(sink)
      if (closing || refusal) {
        const end: SpeechEnd = !closing && refusal ? { kind: 'failed', error: refusal } : { kind: 'cancelled' }
        queueMicrotask(() => turns.finish(utterance, end))
      } else turns.add(utterance)
      return {
        push(text) {
          if (utterance.over || utterance.inputEnded || text.trim() === '') return
          // Not pushed: a list that grows takes room for seventeen.
          utterance.unsent = [...utterance.unsent, text]
          const shortestMs = shortestSpeechMs(text)
          utterance.expectedMs += shortestMs
          utterance.audioWanted ||= shortestMs > 0
          turns.grown(utterance)
        },
        end() {
          if (utterance.over || utterance.inputEnded) return
          utterance.inputEnded = true
          turns.grown(utterance)
        },
        cancel: () => turns.finish(utterance, { kind: 'cancelled' }),
      }
    },
    close() {
      if (closing) return closing
      tellGone()
      closing = link.close()
      turns.close()
      turns.endAll({ kind: 'cancelled' })
      log.debug(listener.counts, 'speech session closed')
      return closing
    },
  }
}
