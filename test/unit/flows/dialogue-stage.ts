import { setImmediate as turn } from 'node:timers/promises'
import { createCallSession } from '../../../src/call/session.ts'
import { conduct } from '../../../src/flows/conduct.ts'
import type { BargeIn } from '../../../src/flows/answer.ts'
import type { Flow } from '../../../src/flows/flow.ts'
import { createLogger } from '../../../src/ops/logger.ts'
import { createSteppedClock } from '../../../src/simulator/clock.ts'
import type { SpeechProvider, SpeechSink } from '../../../src/speech/provider.ts'
import { streamForSpeech } from '../../../src/speech/split.ts'
import { handRecognizer } from '../../hand-recognizer.ts'

/** An utterance of the speech service, played by hand. */
interface Spoken {
  readonly sink: SpeechSink
  text: string
  over: boolean
}

/** A call whose callee, speech service and recognizer a test plays by hand, conducted by a flow. */
export function stage(flow: Flow, options: { deaf?: boolean; sensitivity?: BargeIn } = {}) {
  const clock = createSteppedClock()
  const hand = handRecognizer()
  const spoken: Spoken[] = []
  const frames: string[] = []
  const marks: string[] = []
  let closed = false
  const speech: SpeechProvider = {
    name: 'hand',
    capabilities: { languages: undefined, markup: true },
    open: () => ({
      ready: Promise.resolve(),
      speak(sink) {
        const one: Spoken = { sink, text: '', over: false }
        spoken.push(one)
        return {
          push: (text) => {
            one.text += text
          },
          end() {},
          cancel() {
            if (one.over) return
            one.over = true
            sink.ended({ kind: 'cancelled' })
          },
        }
      },
      close: async () => {},
    }),
  }
  const log = createLogger('silent')
  const call = createCallSession({
    callId: 'id',
    token: 'token',
    direction: 'inbound',
    to: '+15551230001',
    from: '+15005550006',
    parameters: { name: 'Ada' },
    keepAudio: false,
    apology: 'Sorry.',
    awaitVerdict: false,
    destination: (to: string) => to,
    sentences: { split: (text) => [{ spoken: text, text, estimateMs: 1000 }], stream: () => streamForSpeech() },
    clock,
    log,
    speech,
    hangUp: async () => {},
  })
  call.placed(`CA${'1'.repeat(32)}`)
  const { sensitivity = 'speech', deaf = false } = options
  const deps = { clock, log, sensitivity, detectionWaitMs: 0, recognizer: deaf ? undefined : hand.recognizer }
  const over = conduct(call, flow, deps)

  /** Lets everything that waits for nothing but its turn have it. */
  async function settle(): Promise<void> {
    for (let turns = 0; turns < 5; turns++) await turn()
  }

  return {
    clock,
    call,
    hand,
    spoken,
    frames,
    over,
    settle,
    get closed() {
      return closed
    },
    clears: () => frames.filter((frame) => frame === 'clear').length,
    async begin() {
      const send = (frame: string) => void (closed || frames.push(frame))
      const mark = (name: string) => {
        marks.push(name)
        send(name)
      }
      call.attach({
        media(payload, markName) {
          send(`media ${payload}`)
          if (markName !== undefined) mark(markName)
        },
        mark,
        clear: () => send('clear'),
        close: () => {
          closed = true
        },
      })
      await settle()
    },
    /** The speech service sends sound of its latest utterance, or of another. */
    sound(ms: number, of: Spoken | undefined = spoken.at(-1)) {
      of?.sink.audio(Buffer.alloc(ms * 8, 1).toString('base64'), ms * 8)
    },
    spokenAll(of: Spoken | undefined = spoken.at(-1)) {
      if (of && !of.over) {
        of.over = true
        of.sink.ended({ kind: 'done' })
      }
    },
    /** The first of the marks that were sent come back, or all. */
    async played(count = marks.length) {
      for (const name of marks.splice(0, count)) call.echoed(name)
      await settle()
    },
    /** The latest utterance is spoken and played whole. */
    async hears(ms = 1000) {
      const one = spoken.at(-1)
      if (one?.over === false) {
        one.sink.audio(Buffer.alloc(ms * 8, 1).toString('base64'), ms * 8)
        one.over = true
        one.sink.ended({ kind: 'done' })
      }
      for (const name of marks.splice(0)) call.echoed(name)
      await settle()
    },
    async press(...digits: readonly string[]) {
      for (const digit of digits) call.key(digit)
      await settle()
    },
    async passes(ms: number) {
      await clock.advance(ms)
      await settle()
    },
  }
}
