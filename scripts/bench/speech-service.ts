import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { createPacer, goldenShare, type Pacer } from './pacer.ts'
import { speechContext } from './speech-messages.ts'
import type { Voice } from './sound.ts'
import { createTape, record, type Tape } from './tape.ts'
import { createFrameBuilder } from './wire/frame-builder.ts'
import { acceptSocket } from './wire/handshake.ts'
import type { BenchSocket } from './wire/socket.ts'

/** How sound comes: a chunk at a time in real time; a sentence at a time, in real time on the whole; or all at once. */
export type Pace = 'paced' | 'burst' | 'instant'

export interface SpeechService {
  /** The tape of a stream, for the one phone that hears it. */
  claim(stream: number): Tape | undefined
  /** Chunks of streams that no phone has heard anything of. */
  readonly unheard: number
  /** Those open of all that were made since `begin`. */
  readonly connections: number
  /** Begins anew: how sound comes, to those who connect from now on. */
  begin(pace: Pace, voice: Voice): void
  /** No chunk is sent any more. */
  hold(): void
  stop(): void
}

type Asked = [request: IncomingMessage, socket: Duplex, head: Buffer]

interface Choice {
  readonly pace: Pace
  readonly voice: Voice
  readonly pacer: Pacer | undefined
}

interface Sentence {
  readonly contextId: string
  left: number
  begun: boolean
  ended: boolean
}

/** What is sent at once at the beginning of a stream, so that a phone does not run dry between two chunks. */
const leadMs = 400
const wholeSentence = Number.POSITIVE_INFINITY
/** Room for the longest sentence in the shortest chunks. */
const mostBytes = 262_144
const beforeContext = Buffer.from('{"context_id":"')
const beforeAudio = Buffer.from('","audio":"')
const behindAudio = Buffer.from('","final":false}')

/**
 * Async's websocket, as far as the server's client and the floor speak it: one sentence after the other, each so long,
 * whatever its words. What is sent is kept on a tape.
 *
 * @param late told of each paced sending how late it was
 */
export function serveSpeech(server: Server, sentenceMs: number, late: (ms: number) => void): SpeechService {
  const tapes = new Map<number, Tape>()
  const claimed = new Set<number>()
  const open = new Set<BenchSocket>()
  const frames = createFrameBuilder(mostBytes, false)
  let choice: Choice | undefined
  let held = false
  let streams = 0

  function speak(asked: Asked, { pace, voice, pacer }: Choice): void {
    const tape = createTape(++streams)
    tapes.set(tape.stream, tape)
    const chunksOfSentence = Math.round(sentenceMs / voice.chunkMs)
    let queue: Sentence[] = []
    let said = 0
    let leave: (() => void) | undefined

    const socket = acceptSocket(...asked, {
      text(text) {
        const { contextId, transcript, closed } = speechContext(text)
        if (contextId === undefined) return
        if (closed) queue = queue.filter((sentence) => sentence.contextId !== contextId)
        else if (transcript === '') end(contextId)
        else if (transcript.trim() !== '') say(contextId)
      },
      closed() {
        open.delete(socket)
        leave?.()
      },
    })
    open.add(socket)

    function say(contextId: string): void {
      // The first is of another length in each stream: else all would come to the ends of their sentences together.
      const share = said++ === 0 ? 0.5 + ((tape.stream * goldenShare) % 1) : 1
      queue.push({ contextId, left: Math.round(chunksOfSentence * share), begun: false, ended: false })
      if (pace === 'instant') return
      if (leave) return
      send(pace === 'paced' ? Math.ceil(leadMs / voice.chunkMs) : wholeSentence)
      leave = pacer?.add(() => send(pace === 'paced' ? 1 : wholeSentence))
    }

    function end(contextId: string): void {
      const sentence = queue.find((sentence) => sentence.contextId === contextId)
      if (!sentence) return
      sentence.ended = true
      if (pace === 'instant') send(sentence.left)
      else if (sentence === queue[0] && sentence.left === 0) finish(sentence)
    }

    function finish({ contextId }: Sentence): void {
      queue.shift()
      socket.send(`{"context_id":"${contextId}","audio":"","final":true}`)
    }

    function send(count: number): void {
      const [sentence] = queue
      if (!sentence || held) return
      const chunks = Math.min(count, sentence.left)
      const first = tape.marks.length
      frames.clear()
      for (let place = first; place < first + chunks; place++) {
        frames.begin()
        frames.copy(beforeContext)
        frames.ascii(sentence.contextId)
        frames.copy(beforeAudio)
        voice.text.put(frames.bytes, frames.leave(voice.text.length), tape.stream, place)
        frames.copy(behindAudio)
        frames.end()
      }
      sentence.left -= chunks
      const nowMs = performance.now()
      for (let sent = 0; sent < chunks; sent++) {
        record(tape, nowMs, !sentence.begun)
        sentence.begun = true
      }
      if (chunks > 0) socket.write(frames.bytes, frames.length)
      if (sentence.left === 0 && sentence.ended) finish(sentence)
    }
  }

  server.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith('/text_to_speech/websocket/ws')) {
      if (choice) speak([request, socket, head], choice)
      else socket.destroy()
    }
  })

  return {
    claim(stream) {
      if (claimed.has(stream)) return undefined
      claimed.add(stream)
      return tapes.get(stream)
    },
    get unheard() {
      return [...tapes.values()]
        .filter(({ stream }) => !claimed.has(stream))
        .reduce((sum, { marks }) => sum + marks.length, 0)
    },
    get connections() {
      return open.size
    },
    begin(pace, voice) {
      tapes.clear()
      claimed.clear()
      open.clear()
      held = false
      choice?.pacer?.stop()
      const periodMs = pace === 'paced' ? voice.chunkMs : sentenceMs
      choice = { pace, voice, pacer: pace === 'instant' ? undefined : createPacer(periodMs, late) }
    },
    hold() {
      held = true
    },
    stop() {
      choice?.pacer?.stop()
    },
  }
}
