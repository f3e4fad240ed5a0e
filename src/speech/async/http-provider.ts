import { asBridgeError, BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { SpeechProvider, SpeechSession, VoiceChoice } from '../provider.ts'
import { createProver } from './http-ready.ts'
import { createHttpQueue } from './http-session.ts'
import { languagesOf, speedsOf } from './models.ts'
import type { AsyncSpeechSettings } from './provider.ts'
import type { HttpVoice } from './synthesis.ts'

const name = 'async-http'
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const silentLog: Log = { warn: () => {}, debug: () => {} }

/**
 * Async's voices over HTTP, for texts that are known whole: one request for each text, and no connection between them.
 * For networks that let no websocket out, and as a second way to the same voice.
 *
 * @throws BridgeError `config.invalid` when `url` is no http or https URL
 */
export function createAsyncHttpSpeech(settings: AsyncSpeechSettings, { clock }: { clock: Clock }): SpeechProvider {
  const { url, apiKey, version = 'v1', modelId: defaultModel } = settings
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new BridgeError(
      'config.invalid',
      'ASYNC_URL is not an http or https address. Expected https://api.async.com.',
    )
  const account = { url: url.replace(/\/+$/, ''), apiKey, version }
  const prover = createProver(account, { clock })
  const speeds = speedsOf(defaultModel)
  const voiceOf = ({ voice = settings.voiceId, model = defaultModel, language, speed }: VoiceChoice): HttpVoice => ({
    modelId: model,
    voiceId: voice,
    language: language ?? settings.language,
    speed: speedsOf(model) ? speed : undefined,
  })

  return {
    name,
    capabilities: {
      languages: languagesOf(defaultModel),
      markup: true,
      voiceIds: uuid,
      ...(speeds ? { speeds } : {}),
    },
    identity: (choice) => JSON.stringify([account.url, version, voiceOf(choice)]),
    open({ signal, log = silentLog, voice: choice = {}, events = () => {} }): SpeechSession {
      const voice = voiceOf(choice)
      const { voiceId } = voice
      const closing = new AbortController()
      const ready = Promise.withResolvers<void>()
      ready.promise.catch(() => {})
      const connected = () => {
        prover.proven(voiceId)
        ready.resolve()
      }
      prover.prove(voiceId, closing.signal).then(
        () => {
          ready.resolve()
          events({ type: 'connected', provider: name })
        },
        (thrown: unknown) => {
          const error = asBridgeError(thrown)
          ready.reject(error)
          if (error.code !== 'call.ended') events({ type: 'connection-error', provider: name, error })
        },
      )
      const queue = createHttpQueue(account, voice, { clock, log, connected })
      const close = () => {
        signal.removeEventListener('abort', close)
        closing.abort()
        queue.close()
      }
      if (signal.aborted) close()
      else signal.addEventListener('abort', close, { once: true })
      return {
        ready: ready.promise,
        speak: (sink) => queue.speak(sink),
        close() {
          close()
          return Promise.resolve()
        },
      }
    },
  }
}
