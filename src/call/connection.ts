/** The media stream of one call as the call sees it. On a closed one nothing is sent. */
export interface MediaConnection {
  /**
   * Sends a chunk of sound, and a mark behind it in the same write.
   *
   * @param payload base64 mu-law
   */
  media(payload: string, markName?: string): void
  mark(name: string): void
  /** Empties Twilio's buffer. */
  clear(): void
  /** Closes with a close frame; a peer that does not answer is cut off within a second. Idempotent. */
  close(code: number, reason: string): void
}
