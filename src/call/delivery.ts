import type { SpeechEnd, SpeechInput, SpeechSession, SpeechSink } from '../speech/provider.ts'
import type { Account } from './ledger.ts'
import type { Line } from './line.ts'

/** A sentence as the service gets it, as it is quoted, and how long it is thought to sound (pauses included). */
export interface Piece {
  readonly spoken: string
  readonly text: string
  readonly estimateMs: number
  /** More words of it may come. */
  readonly open?: boolean
}

/** One sentence on its way: one utterance of the speech session, and its own account in the ledger. */
export interface PieceDelivery extends Account {
  readonly piece: Piece
  /** How the speech service ended it; undefined while more audio may come. */
  readonly end: SpeechEnd | undefined
  /** Its audio, as it came (only when audio is kept). */
  readonly kept: readonly string[] | undefined
  /** Gives it to the speech session, without its text. */
  speakIn(session: Pick<SpeechSession, 'speak'>): void
  /** Pushes what there is of its text and was not pushed yet. Apart, since a session may answer at once. */
  carryOn(): void
  /** No audio of it passes from now on. */
  close(): void
  /** The speech service need not go on with it. */
  cancel(): void
  /** Whether it was spoken, and every bit of it was played. */
  isHeard(): boolean
}

/** Whoever is told that no more will come of a sentence. Told once. */
export interface PieceOwner {
  pieceEnded(delivery: PieceDelivery): void
}

export function createDelivery(line: Line, piece: Piece, owner: PieceOwner): PieceDelivery {
  return new Sentence(line, piece, owner)
}

/** What comes of it goes past the text that it belongs to, straight to the line. */
class Sentence implements PieceDelivery, SpeechSink {
  readonly #line: Line
  #open = true
  sentBytes = 0
  readonly kept: string[] | undefined
  heardBytes = 0
  lostBytes = 0
  readonly piece: Piece
  readonly #owner: PieceOwner
  end: SpeechEnd | undefined
  /** Of the speech session, until the end: what a session holds of a sentence is let go then. */
  #input: SpeechInput | undefined
  #pushedChars = 0

  constructor(line: Line, piece: Piece, owner: PieceOwner) {
    this.#line = line
    this.piece = piece
    this.#owner = owner
    this.kept = line.keepAudio ? [] : undefined
  }

  speakIn(session: Pick<SpeechSession, 'speak'>): void {
    const input = session.speak(this)
    if (!this.end) this.#input = input
  }

  audio(payload: string, audioBytes: number): void {
    if (!this.#open) return
    this.kept?.push(payload)
    this.#line.play(this, payload, audioBytes)
  }

  ended(end: SpeechEnd): void {
    if (this.end) return
    this.end = end
    this.#open = false
    this.#input = undefined
    this.#owner.pieceEnded(this)
  }

  carryOn(): void {
    const input = this.#input
    if (!input) return
    const { spoken, open } = this.piece
    const pushedChars = this.#pushedChars
    this.#pushedChars = spoken.length
    if (pushedChars < spoken.length) input.push(spoken.slice(pushedChars))
    if (open !== true) input.end()
  }

  close(): void {
    this.#open = false
  }

  cancel(): void {
    this.#input?.cancel()
  }

  isHeard(): boolean {
    return this.end?.kind === 'done' && this.heardBytes >= this.sentBytes
  }
}

/** The sentences from the first one on that were heard to their end, joined as they stood in the text. */
export function heardText(pieces: readonly Piece[], deliveries: readonly PieceDelivery[]): string {
  if (!deliveries.some(({ heardBytes }) => heardBytes > 0)) return ''
  return pieces
    .slice(0, heardPieces(deliveries))
    .map((piece) => piece.text)
    .join('')
    .trim()
}

/** How many sentences were heard to their end before the first that was not. */
export function heardPieces(deliveries: readonly PieceDelivery[]): number {
  const missed = deliveries.findIndex((delivery) => !delivery.isHeard())
  return missed < 0 ? deliveries.length : missed
}
