import { asBridgeError, BridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import type { Piece } from './delivery.ts'
import { isAudible, type PieceStream, type Script, type Writer } from './script.ts'

/**
 * A writer that is silent for so long has paused. A language model writes a token every 10 to 50 ms, and stutters of
 * 200 ms are common; a callee takes half a second of silence for the end of a turn.
 */
const pauseMs = 400
/** How much is read ahead of what the speech service was given: two minutes of speech, as long as the lead. */
const readAheadChars = 2_000
/** How much of a piece that the writer hands over is looked at before others have their turn. */
const stepChars = 1_000
/** A writer that never waits would keep everything else on this machine waiting. */
const tokensPerTurn = 100

export interface WritingOptions {
  readonly clock: Clock
  readonly stream: PieceStream
  /** Words are given as they come, before the end of their sentence. */
  readonly byToken: boolean
  /** Whether the callee hears nothing, and nothing is on its way. */
  readonly silent: () => boolean
  /** Something was written, or nothing more will be. Never called before `createWriting` has returned. */
  readonly changed: () => void
}

interface OpenPiece {
  spoken: string
  text: string
  estimateMs: number
  open: boolean
}

/** Reads a writer, no further ahead than the speech service needs, and makes sentences of what it writes. */
export function createWriting(writer: Writer, options: WritingOptions): Script {
  const { clock, stream, byToken, changed } = options
  const pieces: Piece[] = []
  /** Aborts when no more is wanted. */
  const unwanted = new AbortController()
  const { signal } = unwanted
  let taken = 0
  let complete = false
  let failure: BridgeError | undefined
  let iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined
  let room: (() => void) | undefined
  let pause: Timer | undefined
  let writtenMs = 0
  /** The sentence whose words were given before its end was known. */
  let open: { readonly piece: OpenPiece; raw: string } | undefined

  function addSentences(sentences: readonly string[]): void {
    for (const sentence of sentences) {
      if (open) {
        addWords(sentence)
        if (open) open.piece.open = false
        open = undefined
      } else {
        const piece = stream.piece(sentence)
        if (isAudible(piece)) pieces.push(piece)
      }
    }
  }

  function addWords(words: string): void {
    if (!open) {
      open = { piece: { spoken: '', text: '', estimateMs: 0, open: true }, raw: '' }
      pieces.push(open.piece)
    }
    const { piece } = open
    open.raw += words
    const { text, estimateMs } = stream.piece(open.raw)
    piece.text = text
    piece.estimateMs = estimateMs
    piece.spoken += stream.piece(words).spoken
  }

  function add(text: string): void {
    addSentences(stream.push(text))
    const words = byToken ? stream.words() : ''
    if (words !== '') addWords(words)
    writtenMs = clock.now()
    pause ??= clock.after(pauseMs, lookForPause)
    changed()
  }

  function lookForPause(): void {
    pause = undefined
    if (signal.aborted || complete) return
    const leftMs = writtenMs + pauseMs - clock.now()
    // Who is kept waiting does not pause; it is looked at again when it writes on.
    if (room) return
    if (leftMs > 0) {
      pause = clock.after(leftMs, lookForPause)
      return
    }
    // Half a sentence sounds wrong: it is spoken only where silence would be worse.
    const silent = options.silent()
    if (!silent) pause = clock.after(pauseMs, lookForPause)
    addSentences(stream.pause(silent))
    changed()
  }

  /** Waits until the speech service has caught up. */
  async function roomToRead(): Promise<void> {
    while (!signal.aborted && waitingChars() > readAheadChars) {
      await new Promise<void>((resolve) => {
        room = resolve
      })
    }
  }

  function waitingChars(): number {
    return pieces.slice(taken).reduce((chars, piece) => chars + piece.spoken.length, 0)
  }

  function makeRoom(): void {
    room?.()
    room = undefined
  }

  async function take(text: string): Promise<void> {
    for (let at = 0; at < text.length && !signal.aborted; at += stepChars) {
      await roomToRead()
      if (!signal.aborted) add(text.slice(at, at + stepChars))
    }
  }

  async function read(): Promise<void> {
    // At once, so that there is somebody to tell when the text is not wanted after all.
    iterator = Symbol.asyncIterator in writer ? writer[Symbol.asyncIterator]() : writer[Symbol.iterator]()
    await Promise.resolve()
    for (let tokens = 1; !signal.aborted && iterator; tokens++) {
      const next = await iterator.next()
      if (next.done === true) break
      if (typeof next.value !== 'string') {
        leave()
        throw new TypeError(`expected strings, ${next.value === null ? 'null' : typeof next.value} came`)
      }
      await take(next.value)
      if (tokens % tokensPerTurn === 0) await new Promise<void>((resolve) => clock.after(1, resolve))
    }
    if (!signal.aborted) addSentences(stream.flush())
  }

  /** Tells the writer that nobody reads on. What it does then is its own affair. */
  function leave(): void {
    const left = iterator
    iterator = undefined
    try {
      Promise.resolve(left?.return?.()).catch(() => {})
    } catch {
      // It was asked to stop; that it cannot is no reason to fail.
    }
  }

  function finish(): void {
    iterator = undefined
    pause?.cancel()
    if (signal.aborted) return
    if (open) open.piece.open = false
    complete = true
    changed()
  }

  read()
    .catch((thrown: unknown) => {
      if (signal.aborted) return
      failure = brokenOff(thrown)
      // Whole sentences only. The space says that a number does not go on.
      addSentences([...stream.push(' '), ...stream.pause(false)])
    })
    .finally(finish)

  return {
    pieces,
    get complete() {
      return complete
    },
    get failure() {
      return failure
    },
    taken() {
      taken++
      makeRoom()
    },
    stop() {
      if (signal.aborted) return
      unwanted.abort()
      pause?.cancel()
      makeRoom()
      leave()
    },
  }
}

function brokenOff(thrown: unknown): BridgeError {
  const { message } = asBridgeError(thrown)
  return new BridgeError('flow.failed', `The writer of a text that was being spoken failed: ${message}`, {
    cause: thrown,
  })
}
