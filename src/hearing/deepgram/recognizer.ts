import { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { Connect } from '../../wire/connection.ts'
import type { Recognizer, RecognizerSessionOptions } from '../recognizer.ts'
import { openConnection, type Target } from './connection.ts'
import { endpoints, utteranceEndMs } from './endpoints.ts'
import { fluxUrl, isFlux, readFluxFrame } from './flux/protocol.ts'
import { endOfTurnMs, turns } from './flux/turns.ts'
import { readFrame, socketUrl, takesPhrases } from './protocol.ts'
import { createSession, type Dialect } from './session.ts'

export interface DeepgramHearingSettings {
  /** `https://api.deepgram.com`, that of a region, or `http://127.0.0.1:<port>` of an emulator. */
  readonly url: string
  readonly apiKey: string
  /** A model for live transcription; `nova-3` when left out. Those of Flux take turns, over `/v2/listen`. */
  readonly model?: string
  /** BCP 47, where a session names none; left out: as the service does by itself, English. */
  readonly language?: string
  /** Silence behind a word that ends an utterance, in milliseconds; 300 when left out. Flux decides by itself. */
  readonly endpointingMs?: number
}

const defaultModel = 'nova-3'
/** Long enough for a breath within a sentence, short enough for a dialogue. */
const defaultEndpointingMs = 300
/** Deepgram wants a KeepAlive every 3 to 5 s where no audio is sent, and gives up after 10 s. */
const keepaliveMs = 4000
const silentLog: Log = { warn: () => {}, debug: () => {} }

/**
 * Deepgram's live transcription (deepgram.com): `/v1/listen`, or for the models of Flux `/v2/listen`. Mu-law goes through
 * as it came.
 *
 * @throws BridgeError `config.invalid` when `url` is no http, https, ws or wss URL
 */
export function createDeepgramRecognizer(settings: DeepgramHearingSettings, { clock }: { clock: Clock }): Recognizer {
  const { apiKey, model = defaultModel, endpointingMs = defaultEndpointingMs } = settings
  const byTurns = isFlux(model)
  const urlFor = (language: string | undefined, phrases: readonly string[]) => {
    const asked = { model, language, phrases }
    const socket = byTurns
      ? fluxUrl(settings.url, { ...asked, endOfTurnMs })
      : socketUrl(settings.url, { ...asked, endpointingMs, utteranceEndMs })
    if (socket !== undefined) return socket
    const message = 'DEEPGRAM_URL is not an http or https address. Expected https://api.deepgram.com.'
    throw new BridgeError('config.invalid', message)
  }
  urlFor(undefined, [])
  return {
    name: 'deepgram',
    capabilities: { interim: true, voiceActivity: !byTurns, phrases: byTurns || takesPhrases(model) },
    open(options) {
      const { language = settings.language, phrases = [] } = options
      const target = { socketUrl: urlFor(language, phrases), apiKey }
      return byTurns
        ? openSession({ ...target, read: readFluxFrame }, turns, options, clock)
        : openSession({ ...target, read: readFrame, keepaliveMs }, endpoints, options, clock)
    },
  }
}

function openSession<Frame>(
  target: Target<Frame>,
  dialect: Dialect<Frame>,
  { signal, log = silentLog, heard }: RecognizerSessionOptions,
  clock: Clock,
) {
  const connect: Connect<Frame> = (events) => openConnection(target, clock, events)
  return createSession(connect, { clock, log, dialect, heard, signal })
}
