import type { Logger } from 'pino'

type Facts = Readonly<Record<string, string | number | boolean | undefined>>
type Level = 'debug' | 'info' | 'warn' | 'error'

/** The log of one call: each line tells which call it is about. */
export type CallLog = { readonly [Each in Level]: (facts: Facts, message: string) => void }

/**
 * No child of pino's: there would be a new one whenever more is known of the call, and each stays, 0.4 KB, with whoever
 * was given it.
 *
 * @param known what is known of the call, looked at for each line
 */
export function createCallLog(log: Logger, known: Facts): CallLog {
  return new FactsLog(log, known)
}

class FactsLog implements CallLog {
  readonly #log: Logger
  readonly #known: Facts

  constructor(log: Logger, known: Facts) {
    this.#log = log
    this.#known = known
  }

  debug(facts: Facts, message: string): void {
    this.#write('debug', facts, message)
  }

  info(facts: Facts, message: string): void {
    this.#write('info', facts, message)
  }

  warn(facts: Facts, message: string): void {
    this.#write('warn', facts, message)
  }

  error(facts: Facts, message: string): void {
    this.#write('error', facts, message)
  }

  #write(level: Level, facts: Facts, message: string): void {
    if (this.#log.isLevelEnabled(level)) this.#log[level]({ ...this.#known, ...facts }, message)
  }
}
