import type { SpeechSession } from '../provider.ts'

/** The same session, closed when the signal aborts. */
export function closedBy(session: SpeechSession, signal: AbortSignal): SpeechSession {
  const abort = () => void session.close()
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return {
    ...session,
    close() {
      signal.removeEventListener('abort', abort)
      return session.close()
    },
  }
}
