import type { SpeechProvider, SpeechSession, SpeechSessionOptions } from '../provider.ts'
import { type Candidate, fittingVoice } from './candidates.ts'

/** One candidate's session in one call. */
export interface Line {
  readonly candidate: Candidate
  readonly session: SpeechSession
}

/**
 * Opens a candidate's session for a call.
 *
 * @param first whether it is the one that the call begins with: only that one prepares anything, since what a spare
 *   prepares may be spoken by another and would be paid for twice
 */
export function openLine(candidate: Candidate, options: SpeechSessionOptions, first: boolean): Line {
  const { voice: choice, prepare, ...rest } = options
  const voice = fittingVoice(candidate, choice)
  const session = candidate.provider.open({
    ...rest,
    ...(voice === undefined ? {} : { voice }),
    ...(first && prepare !== undefined ? { prepare } : {}),
  })
  // Whoever uses the line listens itself; a spare that fails before it is used must not fail the process.
  session.ready.catch(() => {})
  return { candidate, session }
}

/** Whether a push to this provider must be a whole sentence although the call writes word by word. */
export function wantsWhole(provider: SpeechProvider, partialText: boolean | undefined): boolean {
  return partialText === true && provider.capabilities.partialText !== true
}
