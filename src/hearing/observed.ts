import type { ErrorCode } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import type { Recognizer } from './recognizer.ts'

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
  const { name } = recognizer
  return {
    ...recognizer,
    open(options) {
      const { signal, log } = options
      let openedMs: number | undefined
      let over = signal.aborted

      function end(): void {
        signal.removeEventListener('abort', end)
        if (over) return
        over = true
        if (openedMs !== undefined) observer.closed(name, Math.max(0, clock.now() - openedMs))
      }

      const session = recognizer.open({
        ...options,
        heard(event) {
          if (event.type === 'failed' && !over) {
            observer.failed(name, event.error.code)
            log?.warn({ provider: name, errorCode: event.error.code }, 'hearing failed')
            end()
          }
          options.heard(event)
        },
      })
      signal.addEventListener('abort', end)
      session.ready.then(
        () => {
          if (over) return
          openedMs = clock.now()
          observer.opened(name)
        },
        // Told as `failed`, unless it was closed before.
        () => {},
      )
      return {
        ready: session.ready,
        audio: (payload) => session.audio(payload),
        close() {
          end()
          return session.close()
        },
      }
    },
  }
}
