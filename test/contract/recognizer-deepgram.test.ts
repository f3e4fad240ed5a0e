import type { ListenBehaviour } from '../../src/simulator/deepgram/listen/behaviour.ts'
import { deepgramSubject } from './deepgram-subject.ts'
import { recognizerConformance, type RecognizerSubject } from './recognizer.ts'

/** Frames nobody knows, sent again and again. */
const odd = [
  '',
  '{',
  'null',
  '[null]',
  '{"type":7}',
  '{"type":"Telemetry"}',
  '{"type":"Results"}',
  '{"type":"Results","start":"0","duration":1,"is_final":true,"channel":{"alternatives":[{"transcript":"no"}]}}',
  '{"type":"Results","start":1e400,"duration":1,"channel":{"alternatives":[{"transcript":"no"}]}}',
  '{"type":"Results","start":1,"duration":-1,"is_final":true,"channel":{"alternatives":[{"transcript":"no"}]}}',
  '{"type":"Results","start":1,"duration":1,"is_final":true,"channel":null}',
  '{"type":"Results","start":1,"duration":1,"is_final":true,"channel":{"alternatives":[]}}',
  '{"type":"Results","start":1,"duration":1,"channel":{"alternatives":[{"transcript":{"length":2}}]}}',
  '{"__proto__":{"type":"UtteranceEnd"},"type":"constructor"}',
  '{"type":"UtteranceEnd","last_word_end":-1}',
  '{"type":"Metadata"}',
  `{"type":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  `{"type":"Debug","padding":"${'x'.repeat(300_000)}"}`,
  new Uint8Array(),
  new Uint8Array(160),
]

const behaviours: Record<string, Partial<ListenBehaviour> & { readonly odd?: true }> = {
  'as documented': {},
  'interim results that change': { interims: 'changing' },
  'no interim results': { interims: 'none' },
  'every final result twice': { finals: 'twice' },
  'speech_final alone': { endpoint: 'speech-final' },
  'UtteranceEnd alone': { endpoint: 'utterance-end' },
  'the endpoint never sent': { endpoint: 'never' },
  'the endpoint never sent, Finalize unanswered': { endpoint: 'never', finalize: 'unanswered' },
  'SpeechStarted missing, nothing told of silence': {
    speechStarted: 'missing',
    emptyResultsMs: Number.POSITIVE_INFINITY,
  },
  'slow results': { latencyMs: 900 },
  'codes for close reasons, the end at once': { closeReason: 'code', closeStream: 'immediate', errorFrame: 'Error' },
  'frames nobody knows': { odd: true },
}

for (const [name, { odd: isOdd, ...behaviour }] of Object.entries(behaviours))
  recognizerConformance(`deepgram, ${name}`, setup(behaviour, isOdd), { noInterims: behaviour.interims === 'none' })

function setup(listening: Partial<ListenBehaviour>, isOdd = false): () => Promise<RecognizerSubject> {
  return deepgramSubject({ service: { listening }, ear: (service) => service.listening, odd: isOdd ? odd : [] })
}
