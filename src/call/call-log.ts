import type { Logger } from 'pino'

type Facts = Readonly<Record<string, string | number | boolean | undefined>>
type Level = 'debug' | 'info' | 'warn' | 'error'

/** The log of one call: each line tells which call it is about. */
export type CallLog = { readonly [Each in Level]: (facts: Facts, message: string) => void }

/**
 * No child of pino's: there would be a new one whenever more is known of the call, and each stays, 0.4 KB, with whoever
 * was given it.
 *
 * @param known what is known of the call now
 */
export function createCallLog(log: Logger, known: () => Facts): CallLog {
  const write = (level: Level, facts: Facts, message: string) => {
    if (log.isLevelEnabled(level)) log[level]({ ...known(), ...facts }, message)
  }
  return {
    debug: (facts, message) => write('debug', facts, message),
    info: (facts, message) => write('info', facts, message),
    warn: (facts, message) => write('warn', facts, message),
    error: (facts, message) => write('error', facts, message),
  }
}
