import type { Logger } from 'pino'
import { asBridgeError } from './errors.ts'
import type { Clock, Timer } from './ops/clock.ts'

const againAfterMs = 15_000

/**
 * Sets our number's webhook after the public address has changed, and tries until it is done. Asking anew while it
 * still tries begins from the start; after `close` nothing is tried any more.
 */
export function keepNumber(deps: {
  readonly clock: Clock
  readonly log: Logger
  readonly configure: () => Promise<void>
}): { setAgain(): void; close(): void } {
  const { clock, log, configure } = deps
  let asked = 0
  let timer: Timer | undefined

  async function attempt(own: number): Promise<void> {
    try {
      await configure()
      if (own === asked) log.info('the voice webhook of our number was set')
    } catch (thrown) {
      if (own !== asked) return
      log.error({ errorCode: asBridgeError(thrown).code }, 'the voice webhook of our number could not be set yet')
      timer = clock.after(againAfterMs, () => void attempt(own))
    }
  }

  function stop(): number {
    timer?.cancel()
    return ++asked
  }

  return {
    setAgain: () => void attempt(stop()),
    close: () => void stop(),
  }
}
