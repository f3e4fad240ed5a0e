/** A media stream, as a test sees it, with what can be done to it. */
export interface SimulatedStream {
  readonly sid: string
  readonly callSid: string
  /** The name given in TwiML, or the stream's identifier. */
  readonly name: string
  readonly url: string
  readonly parameters: Readonly<Record<string, string>>
  /** `<Connect>` makes a bidirectional stream, `<Start>` one that only listens. */
  readonly bidirectional: boolean
  readonly openedAtMs: number | undefined
  readonly closedAtMs: number | undefined
  /** The close code the server sent, or 1006 for a connection that broke. */
  readonly closeCode: number | undefined
  readonly framesSent: number
  /** Messages received, well-formed or not. */
  readonly messagesReceived: number
  /** Ends the stream from the network's side: `stop`, then the close of the socket. */
  stop(): void
  /** Breaks the TCP connection, without a close frame. */
  lose(): void
  /** Half-dead: reads and sends nothing more, while the TCP connection stays open. */
  freeze(): void
  pauseReading(): void
  resumeReading(): void
  /** Sends a text message as it is: for garbage no network would send. */
  sendRaw(text: string): void
}

/** How a stream ended, as far as the TwiML after it is concerned. */
export type StreamEnd = 'closed' | 'stopped' | 'failed'
