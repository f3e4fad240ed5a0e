import { cpus } from 'node:os'
import { type Config, readConfig } from '../src/config.ts'
import type { AsyncService } from '../src/simulator/async/service.ts'
import type { PhoneNetwork } from '../src/simulator/phone-network/network.ts'

/** What the measurements of speech have in common. */

/** How long the emulated services take for a connection, and for the first sound of a text. */
export const connectMs = 100
export const firstSoundMs = 200

/** The settings of an app between a simulated network and a simulated service. No setting of the machine counts. */
export function simulatedConfig(
  network: PhoneNetwork,
  service: AsyncService,
  more: Readonly<Record<string, string>>,
): Config {
  return readConfig('simulate', {
    TWILIO_ACCOUNT_SID: network.account.sid,
    TWILIO_AUTH_TOKEN: network.account.authToken,
    TWILIO_API_URL: network.url,
    TWILIO_FROM_NUMBER: network.account.numbers[0] ?? '',
    ASYNC_API_KEY: service.apiKey,
    ASYNC_VOICE_ID: service.voiceId,
    ASYNC_URL: service.url,
    ...more,
  })
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function machine(): string {
  return `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}`
}

/** A table in Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('')
}
