import { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { Recognizer } from '../recognizer.ts'
import { openConnection } from './connection.ts'
import { socketUrl } from './protocol.ts'
import { createSession } from './session.ts'

export interface AsyncHearingSettings {
  /** `https://api.async.com`, or `http://127.0.0.1:<port>` of an emulator. */
  readonly url: string
  readonly apiKey: string
  /** BCP 47, where a session names none; left out: Async tells languages apart itself. */
  readonly language?: string
}

const silentLog: Log = { warn: () => {}, debug: () => {} }

/**
 * Async's speech to text (async.com) over its websocket. What it answers is not confirmed: docs/hearing.md.
 *
 * @throws BridgeError `config.invalid` when `url` is no http, https, ws or wss URL
 */
export function createAsyncRecognizer(settings: AsyncHearingSettings, { clock }: { clock: Clock }): Recognizer {
  const { url, apiKey } = settings
  const urlFor = (language: string | undefined) => {
    const socket = socketUrl(url, { apiKey, language })
    if (socket !== undefined) return socket
    const message = 'ASYNC_URL is not an http or https address. Expected https://api.async.com.'
    throw new BridgeError('config.invalid', message)
  }
  urlFor(undefined)
  return {
    name: 'async',
    capabilities: { interim: true, voiceActivity: false, phrases: false },
    open({ signal, log = silentLog, language = settings.language, heard }) {
      const target = urlFor(language)
      return createSession((events) => openConnection(target, clock, events), { clock, log, heard, signal })
    },
  }
}
