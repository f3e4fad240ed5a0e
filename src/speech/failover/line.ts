import type { BridgeError } from '../../errors.ts'
import type { SpeechProvider, SpeechSession, SpeechSessionOptions } from '../provider.ts'
import { type Candidate, fittingVoice } from './candidates.ts'

/** One candidate's session in one call. */
export interface Line {
  readonly candidate: Candidate
  readonly session: SpeechSession
  /** Whether it would speak now. */
  readonly isReady: boolean
  /** Why it could not connect, while it is not ready and goes on trying. */
  readonly trouble: BridgeError | undefined
}

/**
 * Opens a candidate's session for a call.
 *
 * @param how `first`: it is the one that the call begins with. Only that one prepares anything, since what a spare
 *   prepares may be spoken by another and would be paid for twice. `changed`: it is ready now, or has trouble
 */
export function openLine(
  candidate: Candidate,
  options: SpeechSessionOptions,
  how: { readonly first: boolean; readonly changed: () => void },
): Line {
  const { voice: choice, prepare, ...rest } = options
  const voice = fittingVoice(candidate, choice)
  let isReady = false
  let trouble: BridgeError | undefined
  const session = candidate.provider.open({
    ...rest,
    ...(voice === undefined ? {} : { voice }),
    ...(how.first && prepare !== undefined ? { prepare } : {}),
    events(event) {
      options.events?.(event)
      if (event.type !== 'connection-error' || isReady) return
      trouble = event.error
      how.changed()
    },
  })
  // Whoever uses the line listens itself too; a spare that fails before it is used must not fail the process.
  session.ready.then(
    () => {
      isReady = true
      trouble = undefined
      how.changed()
    },
    () => {},
  )
  return {
    candidate,
    session,
    get isReady() {
      return isReady
    },
    get trouble() {
      return trouble
    },
  }
}

/** Whether a push to this provider must be a whole sentence although the call writes word by word. */
export function wantsWhole(provider: SpeechProvider, partialText: boolean | undefined): boolean {
  return partialText === true && provider.capabilities.partialText !== true
}
