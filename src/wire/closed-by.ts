/** The same session, closed when the signal aborts. */
export function closedBy<Session extends { close(): Promise<void> }>(session: Session, signal: AbortSignal): Session {
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
