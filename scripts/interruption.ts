import { systemClock } from '../src/ops/clock.ts'
import { endWithParent } from '../src/ops/parent.ts'

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
type Signal = keyof typeof exitCodes

export interface Interruption {
  /** What a command that was interrupted exits with. */
  readonly exitCode: number | undefined
  /** Signals mean again what they mean to any program. */
  off(): void
}

/** To be written on standard error. On a terminal it takes the place of the ^C that the terminal shows. */
export const hangingUp = () => `${process.stderr.isTTY ? '\r' : ''}Hanging up. Once more to leave at once.\n`

/**
 * Calls `hangUp` once, on Ctrl-C, SIGTERM, when the terminal closes, or when npm, which started us, is ended. A second
 * Ctrl-C or SIGTERM leaves at once.
 */
export function onInterruption(hangUp: () => void): Interruption {
  let first: Signal | undefined
  const parent = endWithParent(systemClock)
  const interrupt = (signal: Signal) => {
    if (first === undefined) {
      first = signal
      // The shell of npm may die of the same signal.
      parent.cancel()
      hangUp()
    } else if (signal !== 'SIGHUP') process.exit(exitCodes[signal])
  }
  const onInt = () => interrupt('SIGINT')
  const onTerm = () => interrupt('SIGTERM')
  const onHup = () => interrupt('SIGHUP')
  process.on('SIGINT', onInt).on('SIGTERM', onTerm).on('SIGHUP', onHup)
  return {
    get exitCode() {
      return first && exitCodes[first]
    },
    off() {
      parent.cancel()
      process.off('SIGINT', onInt).off('SIGTERM', onTerm).off('SIGHUP', onHup)
    },
  }
}
