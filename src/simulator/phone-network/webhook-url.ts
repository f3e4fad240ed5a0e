/** Overrides in the fragment of a webhook URL (Twilio docs, Webhook connection overrides). */
export interface WebhookTarget {
  /** The URL without its fragment. */
  readonly url: string
  readonly connectMs: number | undefined
  readonly readMs: number | undefined
  readonly totalMs: number | undefined
  readonly retries: number
  readonly retryOn: ReadonlySet<RetryReason>
  /** Whether the fragment asked for anything: then retries carry an idempotency token. */
  readonly overridden: boolean
}

export type RetryReason = '4xx' | '5xx' | 'ct' | 'rt'

const reasons: readonly RetryReason[] = ['4xx', '5xx', 'ct', 'rt']

function bounded(value: string | null, least: number, most: number): number | undefined {
  const number = Number(value)
  return value !== null && Number.isInteger(number) && number >= least && number <= most ? number : undefined
}

/** Default: one retry, only when the connection failed. */
export function webhookTarget(url: string): WebhookTarget {
  const hash = url.indexOf('#')
  const settings = new URLSearchParams(hash < 0 ? '' : url.slice(hash + 1))
  const policy = settings.get('rp')?.split(',') ?? ['ct']
  return {
    url: hash < 0 ? url : url.slice(0, hash),
    connectMs: bounded(settings.get('ct'), 100, 10_000),
    readMs: bounded(settings.get('rt'), 100, 15_000),
    totalMs: bounded(settings.get('tt'), 100, 15_000),
    retries: bounded(settings.get('rc'), 0, 5) ?? 1,
    retryOn: new Set(reasons.filter((reason) => policy.includes(reason) || policy.includes('all'))),
    overridden: hash >= 0 && settings.size > 0,
  }
}
