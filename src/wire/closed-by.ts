/** Closes the session when the signal aborts, as long as nobody else has. @returns the same session */
export function closedBy<Session extends { close(): Promise<void> }>(session: Session, signal: AbortSignal): Session {
  const closeItself = session.close.bind(session)
  const abort = () => void closeItself()
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  return Object.assign(session, {
    close() {
      signal.removeEventListener('abort', abort)
      return closeItself()
    },
  })
}
