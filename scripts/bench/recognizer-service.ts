import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { addTroubles, noTroubles, type Troubles } from './faults.ts'
import { createMatcher, type Matcher } from './matching.ts'
import type { Voice } from './sound.ts'
import type { Tape } from './tape.ts'
import { acceptSocket } from './wire/handshake.ts'
import type { BenchSocket } from './wire/socket.ts'

export interface RecognizerService {
  /** Those open of all that were made since `begin`. */
  readonly connections: number
  /** What a phone says, to be held against what arrives. */
  expect(tape: Tape): void
  /** @param told of each frame how long it took from the phone to here */
  begin(told: (delayMs: number) => void): void
  /**
   * Of what arrived since `begin`: to be asked when all connections are over, since all that a phone said has to be there,
   * to its last frame. And, where anybody was listened to, of the phones of which nothing arrived.
   */
  troubles(): Partial<Troubles>
}

const resultEveryMs = 1000

/** Deepgram's `/v1/listen`: takes what the phones say, to the bit, and finds no words in it. */
export function serveRecognizer(server: Server, mouth: Voice): RecognizerService {
  const open = new Set<BenchSocket>()
  const tapes = new Map<number, Tape>()
  let matchers: Matcher[] = []
  let tell: (delayMs: number) => void = () => {}

  function listen(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const matcher = createMatcher(mouth, {
      fromAnywhere: true,
      claim(stream) {
        const tape = tapes.get(stream)
        tapes.delete(stream)
        return tape
      },
      completed: (delayMs) => tell(delayMs),
    })
    matchers.push(matcher)
    let heardS = 0
    const timer = setInterval(() => {
      connection.send(resultOf(heardS, matcher.chunks() * frameS - heardS))
      heardS = matcher.chunks() * frameS
    }, resultEveryMs)
    const connection = acceptSocket(request, socket, head, {
      text() {},
      binary(bytes, from, to, atMs) {
        const { sound } = mouth
        if (to - from === sound.length && matcher.tookNext(sound, bytes, from, atMs)) return
        matcher.took(bytes.toString('base64', from, to), atMs)
      },
      closed() {
        open.delete(connection)
        clearInterval(timer)
      },
    })
    open.add(connection)
  }

  server.on('upgrade', (request, socket, head) => {
    if (request.url?.startsWith('/v1/listen')) listen(request, socket, head)
  })

  return {
    get connections() {
      return open.size
    },
    expect: (tape) => void tapes.set(tape.stream, tape),
    begin(told) {
      tapes.clear()
      open.clear()
      matchers = []
      tell = told
    },
    troubles() {
      const ignored = matchers.length === 0 ? 0 : [...tapes.values()].reduce((sum, { marks }) => sum + marks.length, 0)
      return matchers.reduce((sum, matcher) => addTroubles(sum, { ...matcher.faults, missing: matcher.missing() }), {
        ...noTroubles(),
        unheard: ignored,
      })
    },
  }
}

const frameS = 0.02

function resultOf(start: number, duration: number): string {
  return JSON.stringify({
    type: 'Results',
    channel_index: [0, 1],
    start,
    duration,
    is_final: true,
    speech_final: false,
    channel: { alternatives: [{ transcript: '', confidence: 0, words: [] }] },
  })
}
