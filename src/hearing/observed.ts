import type { ErrorCode } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import type { Heard, Recognizer, RecognizerSession, RecognizerSessionOptions } from './recognizer.ts'

export interface HearingObserver {
  /** A session of the recognizer listens. */
  opened(provider: string): void
  /** A session that listened is over, whoever ended it. */
  closed(provider: string, listenedMs: number): void
  /** A session failed; one that listened is told as closed too. */
  failed(provider: string, code: ErrorCode): void
}

/** The same recognizer, with its sessions told. A failure is a line in the log of the call. */
export function observeHearing(
  recognizer: Recognizer,
  observer: HearingObserver,
  { clock }: { readonly clock: Clock },
): Recognizer {
  return { ...recognizer, open: (options) => new ObservedSession(recognizer, options, observer, clock) }
}

class ObservedSession implements RecognizerSession {
  readonly #session: RecognizerSession
  readonly ready: Promise<void>
  readonly #provider: string
  readonly #options: RecognizerSessionOptions
  readonly #observer: HearingObserver
  readonly #clock: Clock
  /** Not a number while it does not listen. */
  #openedMs = Number.NaN
  #over: boolean

  constructor(recognizer: Recognizer, options: RecognizerSessionOptions, observer: HearingObserver, clock: Clock) {
    this.#provider = recognizer.name
    this.#options = options
    this.#observer = observer
    this.#clock = clock
    this.#over = options.signal.aborted
    this.#session = recognizer.open({ ...options, heard: (event) => this.#heard(event) })
    this.ready = this.#session.ready
    options.signal.addEventListener('abort', this)
    this.ready.then(
      () => this.#opened(),
      // Told as `failed`, unless it was closed before.
      () => {},
    )
  }

  audio(payload: string): void {
    this.#session.audio(payload)
  }

  close(): Promise<void> {
    this.handleEvent()
    return this.#session.close()
  }

  /** It ends, by the signal or otherwise. */
  handleEvent(): void {
    this.#options.signal.removeEventListener('abort', this)
    if (this.#over) return
    this.#over = true
    if (!Number.isNaN(this.#openedMs))
      this.#observer.closed(this.#provider, Math.max(0, this.#clock.now() - this.#openedMs))
  }

  #opened(): void {
    if (this.#over) return
    this.#openedMs = this.#clock.now()
    this.#observer.opened(this.#provider)
  }

  #heard(event: Heard): void {
    const { log, heard } = this.#options
    if (event.type === 'failed' && !this.#over) {
      this.#observer.failed(this.#provider, event.error.code)
      log?.warn({ provider: this.#provider, errorCode: event.error.code }, 'hearing failed')
      this.handleEvent()
    }
    heard(event)
  }
}
