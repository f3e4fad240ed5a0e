import type { Config } from './config.ts'
import { BridgeError } from './errors.ts'
import type { Clock } from './ops/clock.ts'
import { startTracing, type Tracing } from './ops/tracing.ts'
import type { createTwilioRest } from './twilio/rest.ts'

/** Spans, when a collector is named. */
export function tracingOf(config: Config, clock: Clock): Promise<Tracing> | undefined {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined) return undefined
  const notInstalled = (packages: string) =>
    new BridgeError(
      'config.invalid',
      `OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed. Run npm install ${packages}, or unset it.`,
    )
  return startTracing(endpoint, { clock, notInstalled })
}

/** The account as the REST client wants it. */
export function twilioSettings(config: Config, timeoutMs: number | undefined): Parameters<typeof createTwilioRest>[0] {
  return {
    accountSid: config.TWILIO_ACCOUNT_SID,
    authToken: config.TWILIO_AUTH_TOKEN,
    apiUrl: config.TWILIO_API_URL,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(config.TWILIO_API_KEY === undefined ? {} : { apiKey: config.TWILIO_API_KEY }),
    ...(config.TWILIO_API_SECRET === undefined ? {} : { apiSecret: config.TWILIO_API_SECRET }),
    ...(config.TWILIO_REGION === undefined ? {} : { region: config.TWILIO_REGION }),
    ...(config.TWILIO_EDGE === undefined ? {} : { edge: config.TWILIO_EDGE }),
  }
}
