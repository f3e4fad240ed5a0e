import type { BridgeError } from '../errors.ts'
import type { Piece } from './delivery.ts'

/** Whoever writes a text while it is spoken: a language model's tokens, cut anywhere. */
export type Writer = AsyncIterable<string> | Iterable<string>

/** How a text is taken apart while it is written (src/speech/sentence-stream.ts), and how a sentence of it is spoken. */
export interface PieceStream {
  push(text: string): string[]
  words(): string
  pause(half: boolean): string[]
  flush(): string[]
  piece(text: string): Piece
}

export interface SayOptions {
  /**
   * How a text that is still being written goes to the speech service: a sentence as soon as it is whole (the default),
   * or word by word, where the service takes words.
   */
  readonly by?: 'sentence' | 'token'
}

/** How texts are taken apart into sentences. `language`: ISO 639; left out, that of the settings. */
export interface Sentences {
  readonly split: (text: string, language?: string) => readonly Piece[]
  readonly stream: (language?: string) => PieceStream
}

/** What an utterance says, as far as it is known: all of it from the start, or more as it is written. */
export interface Script {
  readonly pieces: readonly Piece[]
  /** Tells `reader` when there is more of it, or will be no more. Never before who asked has gone on: follow at once. */
  follow(reader: ScriptReader): void
  /** Whether all pieces are there. */
  complete(): boolean
  /** Why it broke off; what was written before is spoken. */
  failure(): BridgeError | undefined
  /** A piece was given to the speech service. */
  taken(): void
  /** No more is wanted. Idempotent. */
  stop(): void
}

export interface ScriptReader {
  written(): void
}

export function wholeScript(pieces: readonly Piece[]): Script {
  return new WholeScript(pieces)
}

class WholeScript implements Script {
  readonly pieces: readonly Piece[]

  constructor(pieces: readonly Piece[]) {
    this.pieces = pieces
  }

  follow(): void {}

  complete(): boolean {
    return true
  }

  failure(): undefined {}

  taken(): void {}

  stop(): void {}
}

/** Whether there is anything to hear in a piece. */
export function isAudible(piece: Piece): boolean {
  return piece.estimateMs > 0 && piece.spoken.trim() !== ''
}
