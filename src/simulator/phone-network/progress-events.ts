/** Steps of a call that a status callback can be asked for (Twilio docs, Call resource, StatusCallbackEvent). */
export const progressEvents = ['initiated', 'ringing', 'answered', 'completed'] as const
export type ProgressEvent = (typeof progressEvents)[number]

export interface ProgressOptions {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly events: ReadonlySet<ProgressEvent>
}

/** The status callbacks of one call. */
export interface Progress {
  report(event: ProgressEvent): void
}
