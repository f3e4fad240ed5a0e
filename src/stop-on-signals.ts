import closeWithGrace from 'close-with-grace'
import type { Logger } from 'pino'
import type { Timer } from './ops/clock.ts'
import type { Service } from './serve.ts'

/** Beyond the drain time: last sentences, hang-ups, and dial requests that Twilio never answered. */
const endingMs = 40_000

/**
 * Ends the process with 0 when it is told to stop: calls finish within the drain time, the rest is ended, everything is
 * closed. A second signal ends it at once, with 1. After a fault of our own nothing is waited for: calls are ended, 1.
 *
 * @returns the way to take it back, for a process that ends by itself
 */
export function stopOnSignals(
  service: Service,
  options: {
    readonly drainMs: number
    readonly log: Logger
    /** The watch over the program that started us; it ends with the first signal. */
    readonly parent?: Timer
  },
): { uninstall(): void } {
  return closeWithGrace({ delay: options.drainMs + endingMs, logger: options.log }, async ({ err }) => {
    options.parent?.cancel()
    if (err === undefined) await service.drain()
    await service.close()
  })
}
