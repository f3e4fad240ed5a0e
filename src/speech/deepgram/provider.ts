import { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import type { Log } from '../../ops/logger.ts'
import type { SpeechProvider, VoiceChoice } from '../provider.ts'
import { closedBy } from '../../wire/closed-by.ts'
import type { Connect } from '../../wire/connection.ts'
import { tellConnections } from '../told.ts'
import { openConnection } from './connection.ts'
import type { Knowledge } from './habits.ts'
import { allowedSpeed, languagesOf, speeds, voicePattern } from './models.ts'
import { type ServerFrame, socketUrl } from './protocol.ts'
import { createSession } from './session.ts'

export interface DeepgramSpeechSettings {
  /** `https://api.deepgram.com`, that of a region, or `http://127.0.0.1:<port>` of an emulator. */
  readonly url: string
  readonly apiKey: string
  /** The name of a voice model; `aura-2-thalia-en` when left out. */
  readonly voice?: string
  /** `deepgram` when left out; entries of several regions need one each. */
  readonly name?: string
  /** 0.7 to 1.5; 1 when left out. */
  readonly speed?: number
}

const defaultVoice = 'aura-2-thalia-en'
const silentLog: Log = { warn: () => {}, debug: () => {} }

/**
 * Deepgram's voices (deepgram.com) over its websocket. Mu-law is asked for; it comes as bytes and is encoded once.
 *
 * @throws BridgeError `config.invalid` when `url` is no http, https, ws or wss URL
 */
export function createDeepgramSpeech(settings: DeepgramSpeechSettings, { clock }: { clock: Clock }): SpeechProvider {
  const { url, apiKey, name = 'deepgram', voice: ownVoice = defaultVoice } = settings
  const urlOf = (voice: string, speed: number) => {
    const socket = socketUrl({ url, voice, speed })
    if (socket !== undefined) return socket
    const message = 'DEEPGRAM_URL is not an http or https address. Expected https://api.deepgram.com.'
    throw new BridgeError('config.invalid', message)
  }
  urlOf(ownVoice, 1)
  const speedOf = (voice: VoiceChoice) => allowedSpeed(voice.speed ?? settings.speed ?? 1)
  /** All that the sound depends on stands in it, and no key. */
  const urlFor = (voice: VoiceChoice) => urlOf(chosen(voice) ?? ownVoice, speedOf(voice))
  const knowledge: Knowledge = { flushedIsLast: false }
  return {
    name,
    capabilities: {
      languages: languagesOf(ownVoice),
      markup: false,
      voiceIds: voicePattern,
      speeds,
      partialText: true,
      // Under the last Flush of a minute.
      joins: true,
    },
    identity: urlFor,
    open({ signal, log = silentLog, forwarded, voice = {}, bufferedMs = () => 0, events }) {
      const speed = speedOf(voice)
      const target = { socketUrl: urlFor(voice), apiKey, forwarded }
      const connect: Connect<ServerFrame> = (connectionEvents) => openConnection(target, clock, connectionEvents)
      const told = events ? tellConnections(connect, name, events) : connect
      return closedBy(createSession(told, { clock, log, speed, knowledge, bufferedMs }), signal)
    },
  }
}

/** A voice is a model here; what names neither of ours is meant for another provider. */
function chosen({ voice, model }: VoiceChoice): string | undefined {
  return [voice, model].find((one) => one !== undefined && voicePattern.test(one))
}
