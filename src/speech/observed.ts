import { asBridgeError, type BridgeError, type ErrorCode } from '../errors.ts'
import type {
  SpeechEnd,
  SpeechEvent,
  SpeechInput,
  SpeechProvider,
  SpeechSession,
  SpeechSessionOptions,
  SpeechSink,
} from './provider.ts'

export interface SpeechObserver {
  /** A session or an utterance of the provider failed. One error that fails several is told once. */
  failed(provider: string, code: ErrorCode): void
  /** `lost`: a connection that had been made is gone, and not by us. */
  connection(provider: string, event: 'connected' | 'disconnected' | 'lost' | 'connection-error'): void
  /** An utterance was looked up in the cache. */
  cached(provider: string, result: Extract<SpeechEvent, { type: 'cache' }>['result']): void
  /** Another provider took over. */
  failedOver(): void
}

/** The same provider, with its failures told. Of a provider made of others each one is observed. */
export function observeFailures(provider: SpeechProvider, observer: SpeechObserver): SpeechProvider {
  const tell = (error: BridgeError) => observer.failed(provider.name, error.code)
  return {
    ...provider,
    open(options) {
      const session = provider.open(options)
      const observed = new ObservedSession(session, tell)
      session.ready.catch((thrown: unknown) => {
        // A session that was closed before it was ready did not fail.
        if (!options.signal.aborted) observed.failed(asBridgeError(thrown))
      })
      return observed
    },
  }
}

class ObservedSession implements SpeechSession {
  readonly ready: Promise<void>
  readonly #session: SpeechSession
  readonly #tell: (error: BridgeError) => void
  #last: BridgeError | undefined = undefined

  constructor(session: SpeechSession, tell: (error: BridgeError) => void) {
    this.ready = session.ready
    this.#session = session
    this.#tell = tell
  }

  speak(sink: SpeechSink): SpeechInput {
    return this.#session.speak(new ObservedSink(sink, this))
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  failed(error: BridgeError): void {
    if (error === this.#last) return
    this.#last = error
    this.#tell(error)
  }
}

class ObservedSink implements SpeechSink {
  readonly #sink: SpeechSink
  readonly #session: ObservedSession

  constructor(sink: SpeechSink, session: ObservedSession) {
    this.#sink = sink
    this.#session = session
  }

  audio(payload: string, audioBytes: number): void {
    this.#sink.audio(payload, audioBytes)
  }

  ended(end: SpeechEnd): void {
    if (end.kind === 'failed') this.#session.failed(end.error)
    this.#sink.ended(end)
  }
}

/** The same provider, with what happens in it and in those that it is made of told, and logged in the log of the call. */
export function observeEvents(provider: SpeechProvider, observer: SpeechObserver): SpeechProvider {
  return {
    ...provider,
    open: (options) => provider.open({ ...options, events: (event) => heed(event, options, observer) }),
  }
}

type ConnectionEvent = Extract<SpeechEvent, { type: 'connected' | 'disconnected' | 'connection-error' }>

function heed(event: SpeechEvent, { log, events }: SpeechSessionOptions, observer: SpeechObserver): void {
  if (event.type === 'cache') observer.cached(event.provider, event.result)
  if (event.type === 'failover' && event.to !== undefined) observer.failedOver()
  if (isOfConnection(event)) {
    const { provider, type } = event
    const error = type === 'connected' ? undefined : event.error
    const lost = type === 'disconnected' && error !== undefined
    observer.connection(provider, lost ? 'lost' : type)
    if (error) log?.warn({ provider, errorCode: error.code }, lost ? 'speech connection lost' : 'no speech connection')
    else log?.debug({ provider }, type === 'connected' ? 'speech connection made' : 'speech connection closed')
  }
  try {
    events?.(event)
  } catch {
    log?.warn(
      { provider: event.type === 'failover' ? event.from : event.provider },
      'a listener to speech events threw',
    )
  }
}

function isOfConnection(event: SpeechEvent): event is ConnectionEvent {
  return event.type === 'connected' || event.type === 'disconnected' || event.type === 'connection-error'
}
