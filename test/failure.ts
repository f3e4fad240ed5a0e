import { inspect } from 'node:util'
import { BridgeError } from '../src/errors.ts'

/** The BridgeError that `work` rejects with; anything else fails the test. */
export async function failure(work: Promise<unknown>): Promise<BridgeError> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(thrown instanceof BridgeError)) throw new Error(`expected a BridgeError, got ${inspect(thrown)}`)
  return thrown
}
