import type { Flow } from '../src/flows/flow.ts'

/**
 * A flow whose failed expectations fail the test: in a flow, as anything it throws, they would only end the call.
 *
 * @returns the flow, and what throws the first of them
 */
export function asserting(flow: Flow): { readonly flow: Flow; readonly check: () => void } {
  const failed: unknown[] = []
  return {
    async flow(call) {
      try {
        await flow(call)
      } catch (thrown) {
        if (thrown instanceof Error && thrown.name === 'AssertionError') failed.push(thrown)
        throw thrown
      }
    },
    check() {
      if (failed.length > 0) throw failed[0]
    },
  }
}
