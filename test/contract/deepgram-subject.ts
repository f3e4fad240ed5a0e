import { createDeepgramRecognizer } from '../../src/hearing/deepgram/recognizer.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import type { EarBehaviour } from '../../src/simulator/deepgram/listen/behaviour.ts'
import type { Listening } from '../../src/simulator/deepgram/listen/listening.ts'
import {
  type DeepgramService,
  type DeepgramServiceOptions,
  startDeepgramService,
} from '../../src/simulator/deepgram/service.ts'
import type { RecognizerSubject } from './recognizer.ts'

/** The Deepgram recognizer and its emulator, over one of the two paths. `odd`: frames nobody knows, sent again and again. */
export function deepgramSubject(about: {
  readonly service: DeepgramServiceOptions
  readonly model?: string
  readonly odd: readonly (string | Uint8Array)[]
  ear(service: DeepgramService): Listening<EarBehaviour, unknown, string>
}): () => Promise<RecognizerSubject> {
  return async () => {
    const clock = createSteppedClock()
    const service = await startDeepgramService({ clock, ...about.service })
    const { url, apiKey } = service
    const ear = about.ear(service)
    const model = about.model === undefined ? {} : { model: about.model }
    return {
      clock,
      recognizer: createDeepgramRecognizer({ url, apiKey, ...model }, { clock }),
      say(text) {
        for (const frame of about.odd) ear.send(frame)
        ear.hear(text)
      },
      cut: () => ear.strike({ kind: 'drop' }),
      goDeaf() {
        ear.strike({ kind: 'stuck' })
        ear.behaviour.deaf = true
      },
      refuse() {
        ear.behaviour.refuse = 403
      },
      vanish: () => service.close(),
      connections: () => ear.sockets.filter(({ open }) => open).length,
      close: () => service.close(),
    }
  }
}
