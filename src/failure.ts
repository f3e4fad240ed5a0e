import type { BridgeError } from './errors.ts'

/** What the user can mend on the command line or in `.env`. */
const usageCodes = /^(usage|config|number|destination|text|voice|limit|server\.port-in-use)/

/** Tells on standard error why a command failed. Returns its exit code: 2 for wrong words or settings, else 1. */
export function tellFailure(error: BridgeError): 1 | 2 {
  process.stderr.write(`${error.message} [${error.code}]\n`)
  return usageCodes.test(error.code) ? 2 : 1
}
