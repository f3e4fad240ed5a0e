import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { createPacer, goldenShare, type Pacer } from './pacer.ts'
import type { Tape } from './matching.ts'
import { speechContext } from './speech-messages.ts'
import type { Voice } from './sound.ts'
import { acceptSocket, type BenchSocket } from './wire/socket.ts'

/** How sound comes: a chunk at a time in real time; a sentence at a time, in real time on the whole; or all at once. */
export type Pace = 'paced' | 'burst' | 'instant'

export interface SpeechService {
  /** The tape of a stream, for the one phone that hears it. */
  claim(stream: number): Tape | undefined
  /** Chunks of streams that no phone has heard anything of. */
  readonly unheard: number
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
  let choice: Choice | undefined
  let held = false
  let streams = 0

  function speak(asked: Asked, { pace, voice, pacer }: Choice): void {
    const tape: Tape = { stream: ++streams, sentAtMs: [], begins: new Set() }
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
      const first = tape.sentAtMs.length
      if (!sentence.begun) tape.begins.add(first)
      sentence.begun = true
      const frames = Array.from({ length: chunks }, (_, index) =>
        socket.frameOf(
          `{"context_id":"${sentence.contextId}","audio":"${voice.payload(tape.stream, first + index)}","final":false}`,
        ),
      )
      sentence.left -= chunks
      const nowMs = performance.now()
      for (let sent = 0; sent < chunks; sent++) tape.sentAtMs.push(nowMs)
      const [frame] = frames
      if (frame) socket.write(frames.length === 1 ? frame : Buffer.concat(frames))
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
        .reduce((sum, { sentAtMs }) => sum + sentAtMs.length, 0)
    },
    get connections() {
      return open.size
    },
    begin(pace, voice) {
      tapes.clear()
      claimed.clear()
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
