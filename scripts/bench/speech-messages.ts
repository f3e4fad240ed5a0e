/** What a client says to Async, as far as it matters here (Async docs, "Text to Speech (WebSocket)"). Pure. */
export interface SpeechContext {
  /** Undefined for what concerns no context: init, keepalive, terminate. */
  readonly contextId: string | undefined
  /** Empty: the end of the context's text. */
  readonly transcript: string
  readonly closed: boolean
}

export function speechContext(text: string): SpeechContext {
  const message: unknown = JSON.parse(text)
  if (!isFields(message)) return { contextId: undefined, transcript: '', closed: false }
  const { context_id: contextId, transcript, close_context: closed } = message
  return {
    contextId: typeof contextId === 'string' ? contextId : undefined,
    transcript: typeof transcript === 'string' ? transcript : '',
    closed: closed === true,
  }
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
