import type { SpeechEnd, SpeechInput, SpeechSession } from '../speech/provider.ts'
import type { PlaybackLedger } from './ledger.ts'

/** A sentence as the service gets it, as it is quoted, and how long it is thought to sound (pauses included). */
export interface Piece {
  readonly spoken: string
  readonly text: string
  readonly estimateMs: number
  /** More words of it may come. */
  readonly open?: boolean
}

/**
 * One sentence on its way: one utterance of the speech session, with an account of its own in the ledger. No functions of
 * its own: a text keeps one of these for each sentence, to its end.
 */
export interface PieceDelivery {
  readonly piece: Piece
  /** Of its account in the ledger. */
  readonly id: string
  /** How the speech service ended it; undefined while more audio may come. */
  end: SpeechEnd | undefined
  /** Of the speech session, until the end: what a session holds of a sentence is let go then. */
  input: SpeechInput | undefined
  pushedChars: number
}

/** Who gets what comes of the sentences of a text. */
export interface PieceSink {
  audio(id: string, payload: string, audioBytes: number): void
  /** Told once that no more will come. */
  ended(delivery: PieceDelivery): void
}

/**
 * Gives one sentence to the speech session.
 *
 * @param id of its account in the ledger
 */
export function deliverPiece(
  session: Pick<SpeechSession, 'speak'>,
  id: string,
  piece: Piece,
  to: PieceSink,
): PieceDelivery {
  const delivery: PieceDelivery = { piece, id, end: undefined, input: undefined, pushedChars: 0 }
  const input = session.speak({
    audio(payload, audioBytes) {
      if (!delivery.end) to.audio(id, payload, audioBytes)
    },
    ended(came) {
      if (delivery.end) return
      delivery.end = came
      delivery.input = undefined
      to.ended(delivery)
    },
  })
  if (!delivery.end) delivery.input = input
  return delivery
}

/** Pushes what there is of its text and was not pushed yet. Apart, since a session may answer at once. */
export function carryOn(delivery: PieceDelivery): void {
  const { piece, pushedChars } = delivery
  delivery.pushedChars = piece.spoken.length
  if (pushedChars < piece.spoken.length) delivery.input?.push(piece.spoken.slice(pushedChars))
  if (piece.open !== true) delivery.input?.end()
}

/** Whether it was spoken, and every bit of it was played. */
export function isHeard({ id, end }: PieceDelivery, ledger: Pick<PlaybackLedger, 'of'>): boolean {
  const { heardMs, sentMs } = ledger.of(id)
  return end?.kind === 'done' && heardMs >= sentMs
}

/** The sentences from the first one on that were heard to their end, joined as they stood in the text. */
export function heardText(
  pieces: readonly Piece[],
  deliveries: readonly PieceDelivery[],
  ledger: Pick<PlaybackLedger, 'of'>,
): string {
  const missed = deliveries.findIndex((delivery) => !isHeard(delivery, ledger))
  const heard = missed < 0 ? deliveries.length : missed
  if (!deliveries.some(({ id }) => ledger.of(id).heardMs > 0)) return ''
  return pieces
    .slice(0, heard)
    .map((piece) => piece.text)
    .join('')
    .trim()
}
