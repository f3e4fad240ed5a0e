import type { BridgeError } from '../errors.ts'
import type { Log } from '../ops/logger.ts'
import { type ChangingSession, openChanging } from '../speech/changing.ts'
import type { SpeechEvent, SpeechSessionOptions } from '../speech/provider.ts'
import type { Timeline } from './events.ts'
import type { SpokenBy } from './outcome.ts'
import { tellRendering } from './rendering-events.ts'
import type { CallSessionOptions } from './session-options.ts'
import type { Speaker } from './speaker.ts'
import { createVoices, type Voices } from './spoken-by.ts'

/** What a call speaks with: its speech session, and the book of who spoke. */
export interface Voice {
  readonly session: ChangingSession
  /** The media stream is open: the sound is handed to Twilio. */
  attach(sent: Sent): void
  spokenBy(): readonly SpokenBy[]
  /** Twilio's own voice goes on. */
  leftToTwilio(error: BridgeError): void
  /** Nothing more is spoken. Idempotent. */
  close(reason: BridgeError): void
}

/** Sound handed to Twilio, and how much of it is not yet played. */
type Sent = Pick<Speaker, 'spokenMs' | 'outstandingMs'>
type VoiceOptions = Pick<
  CallSessionOptions,
  'callId' | 'speech' | 'voice' | 'texts' | 'sentences' | 'onSpeech' | 'clock' | 'observer'
>

/** Opens the speech session of a call. */
export function openVoice(call: VoiceOptions, timeline: Timeline, log: Log): Voice {
  return new SessionVoice(call, timeline, log)
}

class SessionVoice implements Voice {
  readonly session: ChangingSession
  readonly #call: VoiceOptions
  readonly #timeline: Timeline
  readonly #life = new AbortController()
  readonly #voices: Voices
  #sent: Sent | undefined
  #rendering: ((event: SpeechEvent) => void) | undefined

  constructor(call: VoiceOptions, timeline: Timeline, log: Log) {
    const { speech, voice, texts = [], sentences } = call
    this.#call = call
    this.#timeline = timeline
    this.#voices = createVoices(speech.name)
    // No methods of this instance: a provider may take them apart, and hand on some of them.
    const ofSession: SpeechSessionOptions = {
      log,
      forwarded: call.observer?.forwarded,
      prepare: texts.flatMap((text) => sentences.split(text).map(({ spoken }) => spoken)),
      signal: this.#life.signal,
      ...(voice === undefined ? {} : { voice }),
      bufferedMs: () => this.#sent?.outstandingMs() ?? 0,
      events: (event) => this.#told(event),
    }
    this.session = openChanging(speech, ofSession, call.clock)
  }

  attach(sent: Sent): void {
    this.#sent = sent
  }

  spokenBy(): readonly SpokenBy[] {
    return this.#voices.list(this.#sentMs())
  }

  leftToTwilio(error: BridgeError): void {
    this.#changed(this.spokenBy().at(-1)?.provider ?? this.#call.speech.name, 'twilio', error)
  }

  close(reason: BridgeError): void {
    this.#life.abort(reason)
    void this.session.close()
  }

  #sentMs(): number {
    return this.#sent?.spokenMs() ?? 0
  }

  #told(event: SpeechEvent): void {
    if (event.type === 'failover') this.#changed(event.from, event.to, event.error)
    if (event.type === 'prepared' || event.type === 'cache') {
      this.#rendering ??= tellRendering(this.#timeline)
      this.#rendering(event)
    }
    this.#call.onSpeech?.(event, this.#call.callId)
  }

  #changed(from: string, to: string | undefined, error: BridgeError): void {
    this.#voices.changed(to, error, this.#sentMs())
    this.#timeline.report({ type: 'failover', from, to: to ?? null, error })
  }
}
