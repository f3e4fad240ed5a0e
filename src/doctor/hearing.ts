import { BridgeError } from '../errors.ts'
import type { Recognizer } from '../hearing/recognizer.ts'
import type { Clock } from '../ops/clock.ts'
import { examine, type Tell } from './finding.ts'

const readyWithinMs = 10_000

/**
 * Whether somebody would listen. A connection is opened as for a call, and closed before any sound: nothing is billed.
 *
 * @param recognizer that of the settings, if they choose one
 * @param declined the settings say that there is to be none
 */
export async function examineHearing(
  tell: Tell,
  recognizer: Recognizer | undefined,
  { clock, declined }: { readonly clock: Clock; readonly declined: boolean },
): Promise<void> {
  const check = 'hearing'
  if (!recognizer) {
    if (declined) return tell({ check, result: 'not checked', found: 'HEARING_PROVIDER=none: flows hear keys only.' })
    const found = 'No recognizer is set up: flows that ask for speech hear keys only.'
    return tell({ check, result: 'not checked', found, todo: 'Where flows are to hear speech: docs/hearing.md.' })
  }
  await examine(tell, check, async () => {
    await openAndClose(recognizer, clock)
    return { result: 'ok', found: `${recognizer.name} accepts the key and would listen now.` }
  })
}

async function openAndClose(recognizer: Recognizer, clock: Clock): Promise<void> {
  const giveUp = new AbortController()
  const session = recognizer.open({ signal: giveUp.signal, heard() {} })
  const late = Promise.withResolvers<never>()
  const timer = clock.after(readyWithinMs, () =>
    late.reject(
      new BridgeError('hearing.unavailable', `The recognizer did not listen within ${readyWithinMs / 1000} s.`),
    ),
  )
  try {
    await Promise.race([session.ready, late.promise])
  } finally {
    timer.cancel()
    await session.close()
    giveUp.abort()
  }
}
