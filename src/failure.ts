import type { BridgeError } from './errors.ts'

/** What the user can mend on the command line or in `.env`. */
const usageCodes = /^(usage|config|number|destination|text|voice|flow\.un|limit|server\.port-in-use)/

/** An error for a person. Its code closes the line; a list keeps its lines to itself. */
export function tell({ message, code }: Pick<BridgeError, 'message' | 'code'>): string {
  return `${message}${message.includes('\n') ? '\n' : ' '}[${code}]`
}

/** Tells on standard error why a command failed. Returns its exit code: 2 for wrong words or settings, else 1. */
export function tellFailure(error: BridgeError): 1 | 2 {
  process.stderr.write(`${tell(error)}\n`)
  return usageCodes.test(error.code) ? 2 : 1
}
