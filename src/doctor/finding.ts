import { BridgeError } from '../errors.ts'

/** One thing that was looked at. */
export interface Finding {
  readonly check: string
  readonly result: 'ok' | 'warning' | 'failed' | 'not checked'
  /** What was found, or why nothing was looked at. */
  readonly found: string
  readonly todo?: string
}

export type Tell = (finding: Finding) => void

/** Runs a check. What it throws is what was found; our messages say what to do themselves. */
export async function examine(tell: Tell, check: string, look: () => Promise<Omit<Finding, 'check'>>): Promise<void> {
  try {
    tell({ check, ...(await look()) })
  } catch (thrown) {
    // The message of anything else might hold what must not be shown.
    const found = thrown instanceof BridgeError ? thrown.message : 'The check itself failed.'
    tell({ check, result: 'failed', found })
  }
}
