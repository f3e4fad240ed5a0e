/** The media websocket of one call as the call sees it: text messages out, and a close that is bounded. */
export interface MediaConnection {
  /** Sends text messages, in one write. ASCII only. On a closed socket it does nothing. */
  send(...messages: readonly string[]): void
  /** Closes with a close frame; a peer that does not answer is cut off within a second. Idempotent. */
  close(code: number, reason: string): void
}
