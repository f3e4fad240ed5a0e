import { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { SpeechProvider, VoiceChoice } from '../provider.ts'
import { type Connect, openConnection } from './connection.ts'
import { languagesOf } from './models.ts'
import { initMessage, socketUrl } from './protocol.ts'
import { createSession } from './session.ts'

export interface AsyncSpeechSettings {
  /** As outcomes, logs and events name it; `async` when left out. */
  readonly name?: string
  /** `https://api.async.com`, or `http://127.0.0.1:<port>` of an emulator: the websocket's scheme follows from it. */
  readonly url: string
  readonly apiKey: string
  readonly voiceId: string
  readonly modelId: string
  /** ISO 639-1; left out, Async recognises the language itself. */
  readonly language?: string
  /** Of the protocol; `v1` when left out. */
  readonly version?: string
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const silentLog: Log = { warn: () => {}, debug: () => {} }

/**
 * Async's voices (async.com) over its websocket: mu-law is asked for, so that its base64 goes to Twilio unchanged.
 *
 * @throws BridgeError `config.invalid` when `url` is no http, https, ws or wss URL
 */
export function createAsyncSpeech(settings: AsyncSpeechSettings, { clock }: { clock: Clock }): SpeechProvider {
  const url = socketUrl({ url: settings.url, apiKey: settings.apiKey, version: settings.version ?? 'v1' })
  if (url === undefined)
    throw new BridgeError(
      'config.invalid',
      'ASYNC_URL is not an http or https address. Expected https://api.async.com.',
    )
  const { name = 'async' } = settings
  const initOf = ({ voice = settings.voiceId, model = settings.modelId, language = settings.language }: VoiceChoice) =>
    initMessage({ voiceId: voice, modelId: model, ...(language === undefined ? {} : { language }) })
  // Held once: most calls choose nothing.
  const usualInit = initOf({})
  return {
    name,
    capabilities: { languages: languagesOf(settings.modelId), markup: true, voiceIds: uuid },
    identity({ voice = settings.voiceId, model = settings.modelId, language = settings.language }) {
      // The address too: an emulator's voice is another one.
      return JSON.stringify([settings.url, settings.version, model, voice, language])
    },
    open({ signal, log = silentLog, forwarded, events, voice }) {
      const target = { socketUrl: url, init: voice ? initOf(voice) : usualInit, forwarded }
      const connect: Connect = (events) => openConnection(target, clock, events)
      return createSession(connect, { name, clock, log, events, signal })
    },
  }
}
