import { modelFacts } from '../models.ts'
import type { Told } from './recognition.ts'

/** The JSON frames of `/v1/listen` (Deepgram's asyncapi.yml). Times are seconds of audio. */
export function toldFrame(told: Told, about: { readonly requestId: string; readonly model: string }): string {
  switch (told.kind) {
    case 'started':
      return JSON.stringify({ type: 'SpeechStarted', channel: [0, 1], timestamp: told.atMs / 1000 })
    case 'utterance-end':
      return JSON.stringify({ type: 'UtteranceEnd', channel: [0, 1], last_word_end: told.lastWordEndMs / 1000 })
    default:
      return resultsFrame(told, about)
  }
}

function resultsFrame(
  told: Extract<Told, { kind: 'result' }>,
  { requestId, model }: { readonly requestId: string; readonly model: string },
): string {
  const { name, version, uuid } = modelFacts(model)
  const words = told.text.split(/\s+/).filter((word) => word !== '')
  const wordMs = (told.endMs - told.startMs) / Math.max(1, words.length)
  return JSON.stringify({
    type: 'Results',
    channel_index: [0, 1],
    start: told.startMs / 1000,
    duration: (told.endMs - told.startMs) / 1000,
    is_final: told.isFinal,
    speech_final: told.speechFinal,
    from_finalize: told.fromFinalize,
    channel: {
      alternatives: [
        {
          transcript: told.text,
          confidence: words.length === 0 ? 0 : 0.98,
          words: words.map((word, index) => ({
            word,
            start: (told.startMs + index * wordMs) / 1000,
            end: (told.startMs + (index + 1) * wordMs) / 1000,
            confidence: 0.98,
          })),
        },
      ],
    },
    metadata: { request_id: requestId, model_info: { name, version, arch: 'emulated' }, model_uuid: uuid },
  })
}

/** The last frame of a connection, behind CloseStream. */
export function endMetadataFrame(requestId: string, audioMs: number, created: Date): string {
  return JSON.stringify({
    type: 'Metadata',
    transaction_key: 'deprecated',
    request_id: requestId,
    sha256: '0'.repeat(64),
    created: created.toISOString(),
    duration: audioMs / 1000,
    channels: 1,
  })
}
