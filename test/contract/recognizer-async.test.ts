import { createAsyncRecognizer } from '../../src/hearing/async/recognizer.ts'
import type { ListenBehaviour } from '../../src/simulator/async/listen/behaviour.ts'
import { startAsyncService } from '../../src/simulator/async/service.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import { recognizerConformance, type RecognizerSubject } from './recognizer.ts'

/** Frames nobody knows, sent again and again. */
const odd = [
  '',
  '{',
  'null',
  '[null]',
  '{"type":7}',
  '{"type":"interim"}',
  '{"type":"Telemetry","text":"no"}',
  '{"type":"interim","transcript":{"length":2}}',
  '{"final":"true","text":7}',
  '{"is_final":false}',
  '{"final":true}',
  '{"type":"done"}',
  '{"type":"done","transcript":""}',
  '{"event":"init_ack","context_id":"x"}',
  '{"detail":"no"}',
  '{"__proto__":{"type":"done","text":"no"},"type":"constructor"}',
  `{"type":${'['.repeat(5000)}${']'.repeat(5000)}}`,
  `{"type":"debug","padding":"${'x'.repeat(300_000)}"}`,
  new Uint8Array(),
  new Uint8Array(160),
]

const behaviours: Record<string, Partial<ListenBehaviour> & { readonly odd?: true }> = {
  'as one client knows it': {},
  'final and text': { marks: 'final', textField: 'text' },
  'is_final and text': { marks: 'is-final', textField: 'text' },
  'every mark at once, every final reply twice': { marks: 'all', finals: 'twice' },
  'interim replies without a mark, that change': { marks: 'only-final', interims: 'changing' },
  'no interim replies': { interims: 'none' },
  'final replies without text': { finalText: 'missing' },
  'final replies only when asked': { finals: 'when-asked' },
  'final replies only when asked, late, without text': {
    finals: 'when-asked',
    finalText: 'missing',
    lastReplyMs: 450,
    afterFinish: 'stays-open',
  },
  'final replies never': { finals: 'never' },
  'final replies never, the socket stays open': { finals: 'never', afterFinish: 'stays-open' },
  'slow replies': { latencyMs: 900 },
  'an impatient service': { idleTimeoutMs: 5000, errorForm: 'bare', closeCode: 1011 },
  'frames nobody knows': { odd: true },
}

for (const [name, { odd: isOdd, ...behaviour }] of Object.entries(behaviours))
  recognizerConformance(`async, ${name}`, setup(behaviour, isOdd), { noInterims: behaviour.interims === 'none' })

function setup(behaviour: Partial<ListenBehaviour>, isOdd = false): () => Promise<RecognizerSubject> {
  return async () => {
    const clock = createSteppedClock()
    const service = await startAsyncService({ clock, listening: behaviour })
    const { url, apiKey, listening } = service
    return {
      clock,
      recognizer: createAsyncRecognizer({ url, apiKey }, { clock }),
      say(text) {
        if (isOdd) for (const frame of odd) listening.send(frame)
        listening.hear(text)
      },
      cut: () => listening.strike({ kind: 'drop' }),
      goDeaf() {
        listening.behaviour.deaf = true
      },
      refuse() {
        listening.behaviour.refuse = 403
      },
      vanish: () => service.close(),
      connections: () => listening.sockets.filter(({ open }) => open).length,
      close: () => service.close(),
    }
  }
}
