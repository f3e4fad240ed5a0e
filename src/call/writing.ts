import { asBridgeError, BridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import type { Piece } from './delivery.ts'
import { isAudible, type PieceStream, type Script, type ScriptReader, type Writer } from './script.ts'

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
  readonly line: SilentLine
}

export interface SilentLine {
  /** Whether the callee hears nothing, and nothing is on its way. */
  silent(): boolean
}

interface OpenPiece {
  spoken: string
  text: string
  estimateMs: number
  open: boolean
}

/** Reads a writer, no further ahead than the speech service needs, and makes sentences of what it writes. */
export function createWriting(writer: Writer, options: WritingOptions): Script {
  return new Writing(writer, options)
}

class Writing implements Script {
  readonly pieces: Piece[] = []
  readonly #writer: Writer
  readonly #clock: Clock
  readonly #stream: PieceStream
  readonly #byToken: boolean
  readonly #line: SilentLine
  #reader: ScriptReader | undefined
  #unwanted = false
  #taken = 0
  #complete = false
  #failure: BridgeError | undefined
  #iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined
  #room: (() => void) | undefined
  #pause: Timer | undefined
  #writtenMs = Number.NaN
  /** The sentence whose words were given before its end was known. */
  #open: { readonly piece: OpenPiece; raw: string } | undefined

  constructor(writer: Writer, options: WritingOptions) {
    this.#writer = writer
    this.#clock = options.clock
    this.#stream = options.stream
    this.#byToken = options.byToken
    this.#line = options.line
    this.#read()
      .catch((thrown: unknown) => this.#breakOff(thrown))
      .finally(() => this.#finish())
  }

  follow(reader: ScriptReader): void {
    this.#reader = reader
  }

  complete(): boolean {
    return this.#complete
  }

  failure(): BridgeError | undefined {
    return this.#failure
  }

  taken(): void {
    this.#taken++
    this.#makeRoom()
  }

  stop(): void {
    if (this.#unwanted) return
    this.#unwanted = true
    this.#pause?.cancel()
    this.#makeRoom()
    this.#leave()
  }

  #addSentences(sentences: readonly string[]): void {
    for (const sentence of sentences) {
      if (this.#open) {
        this.#addWords(sentence)
        this.#open.piece.open = false
        this.#open = undefined
      } else {
        const piece = this.#stream.piece(sentence)
        if (isAudible(piece)) this.pieces.push(piece)
      }
    }
  }

  #addWords(words: string): void {
    if (!this.#open) {
      this.#open = { piece: { spoken: '', text: '', estimateMs: 0, open: true }, raw: '' }
      this.pieces.push(this.#open.piece)
    }
    const { piece } = this.#open
    this.#open.raw += words
    const { text, estimateMs } = this.#stream.piece(this.#open.raw)
    piece.text = text
    piece.estimateMs = estimateMs
    piece.spoken += this.#stream.piece(words).spoken
  }

  #add(text: string): void {
    this.#addSentences(this.#stream.push(text))
    const words = this.#byToken ? this.#stream.words() : ''
    if (words !== '') this.#addWords(words)
    this.#writtenMs = this.#clock.now()
    if (!this.#pause) this.#awaitPause(pauseMs)
    this.#reader?.written()
  }

  #awaitPause(delayMs: number): void {
    this.#pause = this.#clock.after(delayMs, () => this.#lookForPause())
  }

  #lookForPause(): void {
    this.#pause = undefined
    if (this.#unwanted || this.#complete) return
    const leftMs = this.#writtenMs + pauseMs - this.#clock.now()
    // Who is kept waiting does not pause; it is looked at again when it writes on.
    if (this.#room) return
    if (leftMs > 0) return this.#awaitPause(leftMs)
    // Half a sentence sounds wrong: it is spoken only where silence would be worse.
    const silent = this.#line.silent()
    if (!silent) this.#awaitPause(pauseMs)
    this.#addSentences(this.#stream.pause(silent))
    this.#reader?.written()
  }

  /** Waits until the speech service has caught up. */
  async #roomToRead(): Promise<void> {
    while (!this.#unwanted && this.#waitingChars() > readAheadChars) {
      await new Promise<void>((resolve) => {
        this.#room = resolve
      })
    }
  }

  #waitingChars(): number {
    return this.pieces.slice(this.#taken).reduce((chars, piece) => chars + piece.spoken.length, 0)
  }

  #makeRoom(): void {
    this.#room?.()
    this.#room = undefined
  }

  async #take(text: string): Promise<void> {
    for (let at = 0; at < text.length && !this.#unwanted; at += stepChars) {
      await this.#roomToRead()
      if (!this.#unwanted) this.#add(text.slice(at, at + stepChars))
    }
  }

  async #read(): Promise<void> {
    const writer = this.#writer
    // At once, so that there is somebody to tell when the text is not wanted after all.
    this.#iterator = Symbol.asyncIterator in writer ? writer[Symbol.asyncIterator]() : writer[Symbol.iterator]()
    await Promise.resolve()
    for (let tokens = 1; !this.#unwanted && this.#iterator; tokens++) {
      const next = await this.#iterator.next()
      if (next.done === true) break
      if (typeof next.value !== 'string') {
        this.#leave()
        throw new TypeError(`expected strings, ${next.value === null ? 'null' : typeof next.value} came`)
      }
      await this.#take(next.value)
      if (tokens % tokensPerTurn === 0) await new Promise<void>((resolve) => this.#clock.after(1, resolve))
    }
    if (!this.#unwanted) this.#addSentences(this.#stream.flush())
  }

  /** Tells the writer that nobody reads on. What it does then is its own affair. */
  #leave(): void {
    const left = this.#iterator
    this.#iterator = undefined
    try {
      Promise.resolve(left?.return?.()).catch(() => {})
    } catch {
      // It was asked to stop; that it cannot is no reason to fail.
    }
  }

  #breakOff(thrown: unknown): void {
    if (this.#unwanted) return
    this.#failure = brokenOff(thrown)
    // Whole sentences only. The space says that a number does not go on.
    this.#addSentences([...this.#stream.push(' '), ...this.#stream.pause(false)])
  }

  #finish(): void {
    this.#iterator = undefined
    this.#pause?.cancel()
    if (this.#unwanted) return
    if (this.#open) this.#open.piece.open = false
    this.#complete = true
    this.#reader?.written()
  }
}

function brokenOff(thrown: unknown): BridgeError {
  const { message } = asBridgeError(thrown)
  return new BridgeError('flow.failed', `The writer of a text that was being spoken failed: ${message}`, {
    cause: thrown,
  })
}
