/** What the REST API answers: a status and a JSON body, or none. */
export interface RestReply {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Twilio's error body. `code` is also the HTTP status where Twilio has no code of its own. */
export function restError(status: number, code: number, message: string): RestReply {
  return { status, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } }
}

export const notFound = (path: string): RestReply =>
  restError(404, 20_404, `The requested resource ${path} was not found`)
