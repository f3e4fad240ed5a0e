import type { Logger } from 'pino'
import type { Clock } from '../ops/clock.ts'
import type { LiveCall } from './live-call.ts'

/** How long the last sentence may take, from asking for it to its last mark. */
const lastWordsMs = 10_000

/**
 * Waits until no call is left: they may go on for `timeoutMs`, then who listens hears `sentence`, and whoever is still
 * being called is hung up. Resolves when every outcome is told.
 */
export async function drainCalls(
  calls: () => readonly LiveCall[],
  options: { readonly clock: Clock; readonly log: Logger; readonly timeoutMs: number; readonly sentence: string },
): Promise<void> {
  const { clock, log, timeoutMs, sentence } = options
  const running = calls()
  log.info({ calls: running.length, timeoutMs }, 'draining: no new calls, running ones finish')
  const timer = clock.after(timeoutMs, () => {
    const late = calls()
    log.warn({ calls: late.length }, 'drain time is over; the last calls are ended')
    for (const call of late) call.lastWords(sentence, lastWordsMs)
  })
  await Promise.all(running.map((call) => call.outcome))
  timer.cancel()
}
