import type { Clock } from '../../ops/clock.ts'
import type { SpeechProvider } from '../provider.ts'
import { type BreakerLog, createCandidates } from './candidates.ts'
import { createFailoverSession } from './session.ts'

export interface FailoverSettings {
  /** How long a first word may take before the next provider is asked. Milliseconds. */
  readonly firstAudioTimeoutMs: number
  /** ISO 639-1 of the texts, where known: who does not speak it is passed over. */
  readonly language?: string | undefined
}

/**
 * A provider made of providers, in the order in which they are to be asked. It is named after the first, and can do
 * what the first can: it is the voice that was wanted, the others are there so that nobody hears silence.
 */
export function createFailoverSpeech(
  wanted: SpeechProvider,
  others: readonly SpeechProvider[],
  settings: FailoverSettings,
  deps: { readonly clock: Clock; readonly log: BreakerLog },
): SpeechProvider {
  const candidates = createCandidates([wanted, ...others], deps)
  const { partialText } = wanted.capabilities
  return {
    name: wanted.name,
    capabilities: wanted.capabilities,
    async close() {
      await Promise.all([wanted, ...others].map(async (provider) => provider.close?.()))
    },
    open: (options) =>
      createFailoverSession(candidates, options, {
        clock: deps.clock,
        firstAudioTimeoutMs: settings.firstAudioTimeoutMs,
        language: settings.language,
        partialText,
      }),
  }
}
