import { asBridgeError, type BridgeError, type ErrorCode } from '../errors.ts'
import type { SpeechEvent, SpeechProvider } from './provider.ts'

export interface SpeechObserver {
  /** A session or an utterance of the provider failed. One error that fails several is told once. */
  failed(provider: string, code: ErrorCode): void
  /** An utterance was looked up in the cache. */
  cached(provider: string, result: Extract<SpeechEvent, { type: 'cache' }>['result']): void
}

/** The same provider, with its failures told, and what its cache did. */
export function observeSpeech(provider: SpeechProvider, observer: SpeechObserver): SpeechProvider {
  return {
    ...provider,
    open(options) {
      const session = provider.open({
        ...options,
        events(event) {
          if (event.type === 'cache') observer.cached(event.provider, event.result)
          options.events?.(event)
        },
      })
      let last: BridgeError | undefined
      function tell(error: BridgeError): void {
        if (error === last) return
        last = error
        observer.failed(provider.name, error.code)
      }
      session.ready.catch((thrown: unknown) => {
        // A session that was closed before it was ready did not fail.
        if (!options.signal.aborted) tell(asBridgeError(thrown))
      })
      return {
        ready: session.ready,
        close: () => session.close(),
        speak: (sink) =>
          session.speak({
            audio: (payload, audioBytes) => sink.audio(payload, audioBytes),
            ended(end) {
              if (end.kind === 'failed') tell(end.error)
              sink.ended(end)
            },
          }),
      }
    },
  }
}
