import { createWordsTold } from '../../../src/call/words-told.ts'
import { createTimeline } from '../../../src/call/events.ts'
import { createSpeaker } from '../../../src/call/speaker.ts'
import { createSteppedClock } from '../../../src/simulator/clock.ts'
import { createSentenceStream } from '../../../src/speech/sentence-stream.ts'
import type { SpeechSession, SpeechSink } from '../../../src/speech/provider.ts'

/** A speech session that a test plays by hand: it keeps the sinks and what was pushed. */
function handSession() {
  const spoken: { sink: SpeechSink; pushed: string[]; ended: boolean; cancelled: boolean; over: boolean }[] = []
  const session: SpeechSession = {
    ready: Promise.resolve(),
    speak(sink) {
      const one = { sink, pushed: [] as string[], ended: false, cancelled: false, over: false }
      spoken.push(one)
      return {
        push: (text) => void one.pushed.push(text),
        end: () => {
          one.ended = true
        },
        cancel: () => {
          if (one.cancelled || one.over) return
          one.cancelled = true
          one.over = true
          sink.ended({ kind: 'cancelled' })
        },
      }
    },
    close: async () => {},
  }
  return { session, spoken }
}

/** A speaker whose surroundings are played by hand. */
export function stage(options: { estimateMs?: number; keepAudio?: boolean; partialText?: boolean } = {}) {
  const asPiece = (text: string) => ({ spoken: text, text, estimateMs: options.estimateMs ?? 1000 })
  const clock = createSteppedClock(0)
  const frames: string[] = []
  const { session, spoken } = handSession()
  const timeline = createTimeline(() => clock.now())
  const words = createWordsTold(() => clock.now())
  const speaker = createSpeaker({
    clock,
    timeline,
    words,
    session: { take: () => ({ language: undefined, speak: (sink) => session.speak(sink), release() {} }) },
    connection: {
      media: (payload, mark) => void frames.push(`media ${payload}`, ...(mark === undefined ? [] : [mark])),
      mark: (name) => void frames.push(name),
      clear: () => void frames.push('clear'),
      close: () => {},
    },
    sentences: {
      split: (text) => text.split(/(?<=\. )/).map(asPiece),
      stream: () => ({ ...createSentenceStream(), piece: asPiece }),
    },
    partialText: options.partialText ?? false,
    keepAudio: options.keepAudio ?? false,
    firstAudio: () => {},
  })
  const marks = () => frames.filter((frame) => /^g\d+:m\d+$/.test(frame))
  return { clock, frames, spoken, speaker, timeline, words, marks }
}

export const audio = (ms: number) => Buffer.alloc(ms * 8, 1).toString('base64')
