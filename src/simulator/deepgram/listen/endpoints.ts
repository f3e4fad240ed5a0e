import type { Clock } from '../../clock.ts'
import { documentedListening, type ListenBehaviour } from './behaviour.ts'
import { type ListenMessage, readListenMessage } from './client-messages.ts'
import type { Ear } from './connection.ts'
import type { WayOfListening } from './listening.ts'
import { judgeListenQuery, type ListenSettings } from './query.ts'
import { createRecognition, type Told } from './recognition.ts'
import { endMetadataFrame, toldFrame } from './server-frames.ts'

/** `/v1/listen`: results, and endpoints by silence. */
export const byEndpoints: WayOfListening<ListenBehaviour, ListenSettings, Told, ListenMessage> = {
  documented: documentedListening,
  judge: judgeListenQuery,
  ear: createEar,
}

function createEar(about: {
  readonly settings: ListenSettings
  readonly behaviour: ListenBehaviour
  readonly requestId: string
  readonly clock: Clock
}): Ear<Told, ListenMessage> {
  const { settings, behaviour, requestId, clock } = about
  const recognition = createRecognition(settings, behaviour)
  return {
    ...recognition,
    frame: (told) => toldFrame(told, { requestId, model: settings.model }),
    farewell: (audioMs) => endMetadataFrame(requestId, audioMs, new Date(clock.now())),
    read: readListenMessage,
    pingsCount: false,
    obey({ kind }, grip) {
      if (kind === 'unreadable') {
        if (behaviour.badMessage === 'close') grip.fatal('DATA-0000')
      } else if (kind === 'close-stream') grip.finish()
      else if (kind === 'finalize') {
        if (behaviour.finalize === 'answered') grip.tell(recognition.finalize())
      } else if (grip.audioBytes > 0) grip.stay()
      else return { code: 'keepalive-before-audio', detail: 'KeepAlive alone does not keep a socket' }
      return undefined
    },
  }
}
