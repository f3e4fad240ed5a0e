export type WebhookKind = 'twiml' | 'status' | 'amd' | 'stream-status' | 'fallback'

/** One request to the application, and what came of it. */
export interface WebhookRecord {
  readonly kind: WebhookKind
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly parameters: ReadonlyMap<string, string>
  /** The signature sent last, undefined when it was left out. */
  signature: string | undefined
  readonly atMs: number
  attempts: number
  /** The answer's status, or undefined while none came. */
  status: number | undefined
  /** Twilio's code of what went wrong. */
  error: number | undefined
}
