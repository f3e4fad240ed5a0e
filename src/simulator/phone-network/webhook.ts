import { randomUUID } from 'node:crypto'
import type { Call } from './call.ts'
import type { Exchange } from './exchange.ts'
import { requestOnce, type Answer } from './http-request.ts'
import { signatureHeader, signedUrl } from './signing.ts'
import { holdBriefly } from '../waiting.ts'
import type { WebhookKind, WebhookRecord } from './webhook-record.ts'
import { type WebhookTarget, webhookTarget } from './webhook-url.ts'

export interface Webhook {
  readonly kind: WebhookKind
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly parameters: ReadonlyMap<string, string>
}

export type WebhookAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly contentType: string; readonly body: string }
  | { readonly kind: 'failed'; readonly code: number; readonly message: string }

const redirectLimit = 10
/** Any other 3xx, or one without a Location, is 11216 (Twilio's error dictionary). */
const redirects = new Set([301, 302, 303, 307])
const trialFetchMs = 5000

/**
 * Sends a signed request to the application and waits for its answer: 15 s in all, the connection tried twice,
 * nothing else retried unless the URL's fragment says so. Failures and answers that are not 2xx become faults.
 */
export async function sendWebhook(exchange: Exchange, call: Call, webhook: Webhook): Promise<WebhookAnswer> {
  const { behaviour, clock, faults } = exchange
  const record: WebhookRecord = {
    ...webhook,
    atMs: clock.now(),
    signature: undefined,
    attempts: 0,
    status: undefined,
    error: undefined,
  }
  call.requests.push(record)
  const release = holdBriefly(clock, behaviour.holdMs)
  try {
    const answer = await withRetries(exchange, call, webhook, record)
    if (answer.kind === 'failed') record.error = answer.code
    else if (answer.status < 200 || answer.status > 299) record.error = webhook.kind === 'status' ? 15_003 : 11_200
    if (record.error !== undefined && !exchange.closing.aborted) {
      const what = answer.kind === 'failed' ? answer.message : `answered ${answer.status}`
      faults.add(record.error, `${webhook.kind} request: ${what}`, { callSid: call.sid })
    }
    return answer
  } finally {
    release()
  }
}

async function withRetries(
  exchange: Exchange,
  call: Call,
  webhook: Webhook,
  record: WebhookRecord,
): Promise<WebhookAnswer> {
  const { behaviour, clock } = exchange
  const target = webhookTarget(webhook.url)
  const limitMs = behaviour.trial && webhook.kind === 'twiml' ? trialFetchMs : behaviour.webhookTimeoutMs
  const deadlineMs = clock.now() + Math.min(target.totalMs ?? limitMs, limitMs)
  const token = target.overridden ? randomUUID() : undefined
  let answer: Answer
  do {
    record.attempts++
    answer = await follow(exchange, call, webhook, record, target, deadlineMs, token)
  } while (shouldRetry(answer, target, record.attempts) && clock.now() < deadlineMs && !exchange.closing.aborted)
  if (answer.kind === 'answer') record.status = answer.status
  return answer
}

function shouldRetry(answer: Answer, target: WebhookTarget, attempts: number): boolean {
  if (attempts > target.retries) return false
  if (answer.kind === 'failed') return answer.reason !== undefined && target.retryOn.has(answer.reason)
  return target.retryOn.has(answer.status >= 500 ? '5xx' : '4xx') && answer.status >= 400
}

/** One attempt. Redirects are followed with GET, and the form is lost on the way; only 307 keeps both. */
async function follow(
  exchange: Exchange,
  call: Call,
  webhook: Webhook,
  record: WebhookRecord,
  target: WebhookTarget,
  deadlineMs: number,
  token: string | undefined,
): Promise<Answer> {
  const { account, behaviour, clock, closing, sockets } = exchange
  let method = webhook.method
  let form = webhook.parameters
  let url = target.url
  for (let hop = 0; hop <= redirectLimit; hop++) {
    if (method === 'GET' && form.size > 0) {
      url += (url.includes('?') ? '&' : '?') + new URLSearchParams([...form]).toString()
      form = new Map()
    }
    const signature = signatureHeader(behaviour.webhookSignature, account.authToken, signedUrl(url), form)
    record.signature = signature
    const headers = requestHeaders(call, webhook.kind, signature, token)
    const answer = await requestOnce({
      clock,
      url,
      method,
      form: method === 'POST' ? new URLSearchParams([...form]).toString() : undefined,
      headers,
      connectMs: target.connectMs ?? behaviour.webhookConnectMs,
      readMs: target.readMs,
      deadlineMs,
      signal: closing,
      onSocket: (socket) => sockets.add(socket),
    })
    if (answer.kind === 'failed' || answer.status < 300 || answer.status > 399) return answer
    const next = redirects.has(answer.status) && answer.location ? URL.parse(answer.location, url) : null
    if (!next)
      return { kind: 'failed', code: 11_216, message: `${answer.status} is no valid redirect`, reason: undefined }
    url = next.href
    if (answer.status === 307) continue
    method = 'GET'
    form = new Map()
  }
  return { kind: 'failed', code: 11_215, message: `more than ${redirectLimit} redirects`, reason: undefined }
}

function requestHeaders(
  call: Call,
  kind: WebhookKind,
  signature: string | undefined,
  token: string | undefined,
): Record<string, string> {
  const flow = encodeURIComponent(JSON.stringify({ flow_sid: call.sid, event: kind }))
  return {
    'user-agent': 'TwilioProxy/1.1',
    accept: '*/*',
    'x-home-region': 'us1',
    ...(call.direction === 'inbound' && kind === 'twiml' ? { 'x-twilio-service-flow-event': flow } : {}),
    ...(signature === undefined ? {} : { 'x-twilio-signature': signature }),
    ...(token === undefined ? {} : { 'i-twilio-idempotency-token': token }),
    'accept-encoding': 'gzip',
  }
}
