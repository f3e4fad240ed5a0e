import type { BridgeError } from '../errors.ts'
import type { Log } from '../ops/logger.ts'
import { type ChangingSession, openChanging } from '../speech/changing.ts'
import type { SpeechSessionOptions } from '../speech/provider.ts'
import type { Timeline } from './events.ts'
import type { SpokenBy } from './outcome.ts'
import { tellRendering } from './rendering-events.ts'
import type { CallSessionOptions } from './session-options.ts'
import type { Speaker } from './speaker.ts'
import { createVoices } from './spoken-by.ts'

/** What a call speaks with: its speech session, and the book of who spoke. */
export interface Voice {
  readonly session: ChangingSession
  spokenBy(): readonly SpokenBy[]
  /** Twilio's own voice goes on. */
  leftToTwilio(error: BridgeError): void
  /** Nothing more is spoken. Idempotent. */
  close(reason: BridgeError): void
}

/**
 * Opens the speech session of a call.
 *
 * @param deps `sent`: sound handed to Twilio, and how much of it is not yet played; undefined without a media stream
 */
export function openVoice(
  call: Pick<CallSessionOptions, 'callId' | 'speech' | 'voice' | 'texts' | 'sentences' | 'onSpeech' | 'clock'>,
  deps: {
    readonly log: Log
    readonly forwarded: SpeechSessionOptions['forwarded']
    readonly timeline: Timeline
    readonly sent: () => Pick<Speaker, 'spokenMs' | 'outstandingMs'> | undefined
  },
): Voice {
  const { speech, voice, texts = [], sentences } = call
  const { log, forwarded, timeline, sent } = deps
  const voices = createVoices(speech.name, () => sent()?.spokenMs() ?? 0)

  function changed(from: string, to: string | undefined, error: BridgeError): void {
    voices.changed(to, error)
    timeline.report({ type: 'failover', from, to: to ?? null, error })
  }

  const life = new AbortController()
  const rendering = tellRendering(timeline)
  const ofSession: SpeechSessionOptions = {
    log,
    forwarded,
    prepare: texts.flatMap((text) => sentences.split(text).map(({ spoken }) => spoken)),
    signal: life.signal,
    ...(voice === undefined ? {} : { voice }),
    bufferedMs: () => sent()?.outstandingMs() ?? 0,
    events(event) {
      if (event.type === 'failover') changed(event.from, event.to, event.error)
      rendering(event)
      call.onSpeech?.(event, call.callId)
    },
  }
  const session = openChanging(speech, ofSession, call.clock)
  return {
    session,
    spokenBy: () => voices.list(),
    close(reason) {
      life.abort(reason)
      void session.close()
    },
    leftToTwilio: (error) => changed(voices.list().at(-1)?.provider ?? speech.name, 'twilio', error),
  }
}
