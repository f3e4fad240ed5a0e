import { asBridgeError, type BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { SpeechProvider, VoiceChoice } from '../provider.ts'
import { type Breaker, createBreaker } from './breaker.ts'

const probeWithinMs = 5_000

/** A provider in the order of failover, with what its failures have shown. */
export interface Candidate {
  readonly provider: SpeechProvider
  readonly place: number
  readonly breaker: Breaker
  /** Whether it was last seen to say itself when an utterance is complete: silence before that is a stall then. */
  tellsEnd: boolean
}

export interface Candidates {
  readonly all: readonly Candidate[]
  /**
   * Who speaks next: the first in order that is well and speaks the language, else the first that is left, since a try
   * is better than silence. Undefined when none is left.
   */
  next(tried: ReadonlySet<Candidate>, language: string | undefined): Candidate | undefined
  /** It failed a call. What only concerns a voice that the call chose itself says nothing of the next call. */
  failed(candidate: Candidate, error: BridgeError, ownVoice: boolean): void
}

/** What is told of a provider that is left out: loudly, once. */
export interface BreakerLog {
  error(facts: Readonly<Record<string, string | number>>, message: string): void
  info(facts: Readonly<Record<string, string | number>>, message: string): void
}

/** The order of failover, shared by all calls. A provider that was left out is probed in the background. */
export function createCandidates(
  providers: readonly SpeechProvider[],
  deps: { readonly clock: Clock; readonly log: BreakerLog },
): Candidates {
  const { clock, log } = deps
  const all = providers.map((provider, place) => ({ provider, place, breaker: createBreaker(), tellsEnd: false }))

  /** A connection costs nothing: only text is billed. */
  async function probe({ provider, breaker }: Candidate): Promise<void> {
    breaker.probing()
    const controller = new AbortController()
    const session = provider.open({ signal: controller.signal })
    const timer = clock.after(probeWithinMs, () => controller.abort())
    try {
      await session.ready
      breaker.probed()
      log.info({ provider: provider.name }, 'the speech provider answers again')
    } catch (thrown) {
      breaker.failed(asBridgeError(thrown), clock.now())
    } finally {
      timer.cancel()
      await session.close()
    }
  }

  return {
    all,
    next(tried, language) {
      const nowMs = clock.now()
      for (const candidate of all) if (candidate.breaker.state(nowMs) === 'due') void probe(candidate)
      const left = all.filter((candidate) => !tried.has(candidate))
      const able = left.filter(({ provider: { capabilities } }) => speaks(capabilities.languages, language))
      const well = able.filter(({ breaker }) => breaker.state(nowMs) === 'closed')
      return well[0] ?? able[0] ?? left[0]
    },
    failed({ provider, breaker }, error, ownVoice) {
      if (ownVoice && !error.retryable) return
      const leftOutForMs = breaker.failed(error, clock.now())
      if (leftOutForMs === undefined) return
      log.error(
        { provider: provider.name, errorCode: error.code, leftOutForMs, problem: error.message },
        error.retryable
          ? 'the speech provider fails; new calls leave it out for a while'
          : 'the speech provider refuses; this will not heal by itself, new calls leave it out',
      )
    },
  }
}

function speaks(languages: readonly string[] | undefined, language: string | undefined): boolean {
  return language === undefined || languages === undefined || languages.includes(language)
}

/** The part of a call's choice that this provider can honour: voices and models are one provider's own names. */
export function fittingVoice({ provider, place }: Candidate, choice: VoiceChoice | undefined): VoiceChoice | undefined {
  if (!choice) return undefined
  const { voiceIds, speeds, languages } = provider.capabilities
  const { voice, model, language, speed } = choice
  return {
    ...(voice !== undefined && voiceIds?.test(voice) ? { voice } : {}),
    ...(model !== undefined && place === 0 ? { model } : {}),
    ...(language !== undefined && speaks(languages, language) ? { language } : {}),
    ...(speed !== undefined && speeds ? { speed: Math.min(speeds.max, Math.max(speeds.min, speed)) } : {}),
  }
}
