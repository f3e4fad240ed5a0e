import type { BridgeError } from '../errors.ts'
import type { Clock } from '../ops/clock.ts'
import type { Log } from '../ops/logger.ts'
import { type ChangingSession, openChanging } from '../speech/changing.ts'
import type { SpeechProvider, SpeechSessionOptions, VoiceChoice } from '../speech/provider.ts'
import type { Timeline } from './events.ts'
import type { SpokenBy } from './outcome.ts'
import { tellRendering } from './rendering-events.ts'
import type { Sentences } from './script.ts'
import { createVoices } from './spoken-by.ts'

/** What a call speaks with: its speech session, and the book of who spoke. */
export interface Voice {
  readonly session: ChangingSession
  readonly spokenBy: readonly SpokenBy[]
  /** Twilio's own voice goes on. */
  leftToTwilio(error: BridgeError): void
  /** Nothing more is spoken. Idempotent. */
  close(reason: BridgeError): void
}

/**
 * Opens the speech session of a call.
 *
 * @param sent sound handed to Twilio, and how much of it is not yet played; undefined while there is no media stream
 */
export function openVoice(
  speech: SpeechProvider,
  options: {
    readonly log: Log
    readonly voice: VoiceChoice | undefined
    readonly received: SpeechSessionOptions['received']
    /** What will surely be said first. */
    readonly texts: readonly string[] | undefined
  },
  deps: { readonly timeline: Timeline; readonly clock: Clock; readonly sentences: Sentences },
  sent: () => { readonly sentMs: number; readonly outstandingMs: number } | undefined,
): Voice {
  const voices = createVoices(speech.name, () => sent()?.sentMs ?? 0)

  function changed(from: string, to: string | undefined, error: BridgeError): void {
    voices.changed(to, error)
    deps.timeline.report({ type: 'failover', from, to: to ?? null, error })
  }

  const life = new AbortController()
  const rendering = tellRendering(deps.timeline)
  const { log, received, voice, texts = [] } = options
  const ofSession: SpeechSessionOptions = {
    log,
    received,
    prepare: texts.flatMap((text) => deps.sentences.split(text).map(({ spoken }) => spoken)),
    signal: life.signal,
    ...(voice === undefined ? {} : { voice }),
    bufferedMs: () => sent()?.outstandingMs ?? 0,
    events(event) {
      if (event.type === 'failover') changed(event.from, event.to, event.error)
      rendering(event)
    },
  }
  const session = openChanging(speech, ofSession, deps.clock)
  return {
    session,
    get spokenBy() {
      return voices.list()
    },
    close(reason) {
      life.abort(reason)
      void session.close()
    },
    leftToTwilio: (error) => changed(voices.list().at(-1)?.provider ?? speech.name, 'twilio', error),
  }
}
