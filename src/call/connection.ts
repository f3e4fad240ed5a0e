/** The media websocket of one call as the call sees it: text frames out, and a close that is bounded. */
export interface MediaConnection {
  /** Sends one text frame. On a closed socket it does nothing. */
  send(frame: string): void
  /** Closes with a close frame; a peer that does not answer is cut off within a second. Idempotent. */
  close(code: number, reason: string): void
}
