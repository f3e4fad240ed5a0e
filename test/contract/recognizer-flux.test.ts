import type { TurnBehaviour } from '../../src/simulator/deepgram/flux/behaviour.ts'
import { deepgramSubject } from './deepgram-subject.ts'
import { recognizerConformance } from './recognizer.ts'

/** Frames nobody knows, sent again and again; also those of the other path. */
const odd = [
  '',
  '{',
  '[null]',
  '{"type":7}',
  '{"type":"TurnInfo"}',
  '{"type":"TurnInfo","event":"EndOfTurn","turn_index":"0","transcript":"no","audio_window_end":1}',
  '{"type":"TurnInfo","event":"EndOfTurn","turn_index":-1,"transcript":"no","audio_window_end":1}',
  '{"type":"TurnInfo","event":"EndOfTurn","turn_index":0.5,"transcript":"no","audio_window_end":1}',
  '{"type":"TurnInfo","event":"EndOfTurn","turn_index":1e300,"transcript":"no","audio_window_end":1}',
  '{"type":"TurnInfo","event":"EndOfTurn","turn_index":0,"transcript":"no","audio_window_end":1e400}',
  '{"type":"TurnInfo","event":"EndOfTurn","turn_index":0,"transcript":"no","audio_window_end":-1}',
  '{"type":"TurnInfo","event":"EndOfTurn","turn_index":0,"transcript":{"length":2},"audio_window_end":1}',
  '{"type":"TurnInfo","event":{},"turn_index":0,"transcript":"no","audio_window_end":1}',
  '{"type":"Results","start":1,"duration":1,"is_final":true,"channel":{"alternatives":[{"transcript":"no"}]}}',
  '{"type":"ConfigureSuccess"}',
  '{"type":"Connected","sequence_id":"x"}',
  '{"__proto__":{"type":"TurnInfo"},"type":"constructor"}',
  `{"type":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  `{"type":"Debug","padding":"${'x'.repeat(300_000)}"}`,
  new Uint8Array(),
  new Uint8Array(160),
]

const behaviours: Record<string, Partial<TurnBehaviour> & { readonly odd?: true }> = {
  'as documented': {},
  'updates that change': { updates: 'changing' },
  'no updates': { updates: 'none' },
  'a start without a word': { start: 'without-word' },
  'no StartOfTurn': { start: 'missing' },
  'an end that comes too soon and is taken back': { eager: 'always', resumed: 'always' },
  'the end by time': { end: 'timeout' },
  'every end twice': { end: 'twice' },
  'the end never sent': { end: 'never' },
  'nothing told of silence, words without times': { updateMs: Number.POSITIVE_INFINITY, wordTimes: 'missing' },
  'slow turns': { latencyMs: 900 },
  'codes for close reasons, no error frames, the end at once': {
    closeReason: 'code',
    closeStream: 'immediate',
    errorFrame: 'none',
  },
  'frames nobody knows': { odd: true },
}

for (const [name, { odd: isOdd, ...turns }] of Object.entries(behaviours))
  recognizerConformance(
    `deepgram by turns, ${name}`,
    deepgramSubject({
      service: { turns },
      model: 'flux-general-en',
      ear: (service) => service.turns,
      odd: isOdd ? odd : [],
    }),
  )
