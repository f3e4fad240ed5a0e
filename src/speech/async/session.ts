import type { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { Link } from '../../wire/link.ts'
import type { SpeechEnd, SpeechEvent, SpeechInput, SpeechSession, SpeechSink } from '../provider.ts'
import type { Connect } from './connection.ts'
import { createLine } from './line.ts'
import { createLink, type Service } from './link.ts'
import { Listener } from './listener.ts'
import { Turns } from './turns.ts'
import { Utterance } from './utterance.ts'

interface SessionDeps {
  /** Of the provider, as events tell it. */
  readonly name: string
  readonly clock: Clock
  readonly log: Log
  readonly events?: ((event: SpeechEvent) => void) | undefined
  /** Closes the session. */
  readonly signal: AbortSignal
}

/**
 * One call's session: utterances, passed on one after the other over one connection that is kept warm and made again
 * when it is lost. docs/speech.md tells the rules.
 */
export function createSession(connect: Connect, deps: SessionDeps): SpeechSession {
  return new AsyncSession(connect, deps)
}

class AsyncSession implements SpeechSession, Service {
  readonly ready: Promise<void>
  readonly #line = createLine()
  readonly #turns: Turns
  readonly #listener: Listener
  readonly #link: Link
  readonly #deps: SessionDeps
  readonly #abort = () => void this.close()
  #closing: Promise<void> | undefined = undefined

  constructor(connect: Connect, deps: SessionDeps) {
    this.#deps = deps
    this.#turns = new Turns(this.#line, this, deps)
    this.#listener = new Listener(this.#line, this.#turns, this, deps)
    this.#link = createLink(connect, this.#listener, deps)
    this.ready = this.#link.ready
    if (deps.signal.aborted) this.#abort()
    else deps.signal.addEventListener('abort', this.#abort, { once: true })
  }

  speak(sink: SpeechSink): SpeechInput {
    const utterance = new Utterance(sink, this.#turns)
    const { refusal } = this.#line
    if (this.#closing || refusal) {
      const end: SpeechEnd = !this.#closing && refusal ? { kind: 'failed', error: refusal } : { kind: 'cancelled' }
      queueMicrotask(() => this.#turns.finish(utterance, end))
    } else this.#turns.add(utterance)
    return utterance
  }

  close(): Promise<void> {
    if (this.#closing) return this.#closing
    this.#deps.signal.removeEventListener('abort', this.#abort)
    this.gone()
    this.#closing = this.#link.close()
    this.#turns.close()
    this.#turns.endAll({ kind: 'cancelled' })
    this.#deps.log.debug(this.#listener.counts(), 'speech session closed')
    return this.#closing
  }

  send(message: string): void {
    this.#link.send(message)
  }

  wake(): void {
    this.#link.wake()
  }

  replace(): void {
    this.gone()
    this.#link.replace()
  }

  lose(error: BridgeError, delayMs?: number): void {
    this.#link.lose(error, delayMs)
  }

  refuse(error: BridgeError): void {
    this.gone(error)
    this.#link.refuse(error)
  }

  hasBeenReady(): boolean {
    return this.#link.hasBeenReady()
  }

  accepted(): void {
    this.#deps.events?.({ type: 'connected', provider: this.#deps.name })
  }

  gone(error?: BridgeError): void {
    const { events, name: provider } = this.#deps
    const { settled } = this.#line
    this.#turns.disconnected()
    if (settled) events?.({ type: 'disconnected', provider, error })
    else if (error) events?.({ type: 'connection-error', provider, error })
  }
}
