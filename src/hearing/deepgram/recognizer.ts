import { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { Connect } from '../../speech/wire/connection.ts'
import type { Recognizer } from '../recognizer.ts'
import { openConnection } from './connection.ts'
import { type ServerFrame, socketUrl, takesPhrases } from './protocol.ts'
import { createSession } from './session.ts'

export interface DeepgramHearingSettings {
  /** `https://api.deepgram.com`, that of a region, or `http://127.0.0.1:<port>` of an emulator. */
  readonly url: string
  readonly apiKey: string
  /** A model for live transcription; `nova-3` when left out. */
  readonly model?: string
  /** BCP 47, where a session names none; left out: as the service does by itself, English. */
  readonly language?: string
  /** Silence behind a word that ends an utterance, in milliseconds; 300 when left out. */
  readonly endpointingMs?: number
}

const defaultModel = 'nova-3'
/** Long enough for a breath within a sentence, short enough for a dialogue. */
const defaultEndpointingMs = 300
/** The least that Deepgram takes. */
const utteranceEndMs = 1000
const silentLog: Log = { warn: () => {}, debug: () => {} }

/**
 * Deepgram's live transcription (deepgram.com) over `/v1/listen`; mu-law goes through as it came.
 *
 * @throws BridgeError `config.invalid` when `url` is no http, https, ws or wss URL
 */
export function createDeepgramRecognizer(settings: DeepgramHearingSettings, { clock }: { clock: Clock }): Recognizer {
  const { apiKey, model = defaultModel, endpointingMs = defaultEndpointingMs } = settings
  const urlFor = (language: string | undefined, phrases: readonly string[]) => {
    const socket = socketUrl(settings.url, { model, language, phrases, endpointingMs, utteranceEndMs })
    if (socket !== undefined) return socket
    const message = 'DEEPGRAM_URL is not an http or https address. Expected https://api.deepgram.com.'
    throw new BridgeError('config.invalid', message)
  }
  urlFor(undefined, [])
  return {
    name: 'deepgram',
    capabilities: { interim: true, voiceActivity: true, phrases: takesPhrases(model) },
    open({ signal, log = silentLog, language = settings.language, phrases = [], heard }) {
      const target = { socketUrl: urlFor(language, phrases), apiKey }
      const connect: Connect<ServerFrame> = (events) => openConnection(target, clock, events)
      const session = createSession(connect, { clock, log, utteranceEndMs, heard })
      const abort = () => void session.close()
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort, { once: true })
      return {
        ...session,
        close() {
          signal.removeEventListener('abort', abort)
          return session.close()
        },
      }
    },
  }
}
