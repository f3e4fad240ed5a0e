import type { BridgeError } from '../errors.ts'
import type { SpeechEnd, SpeechInput, SpeechSession, SpeechSink } from '../speech/provider.ts'
import type { PlaybackLedger } from './ledger.ts'

/** A sentence as the service gets it, as it is quoted, and how long it is thought to sound (pauses included). */
export interface Piece {
  readonly spoken: string
  readonly text: string
  readonly estimateMs: number
  /** More words of it may come. */
  readonly open?: boolean
}

/** One sentence on its way: one utterance of the speech session, with an account of its own in the ledger. */
export interface PieceDelivery {
  readonly piece: Piece
  /** How the speech service ended it; undefined while more audio may come. */
  end(): SpeechEnd | undefined
  sentMs(): number
  heardMs(): number
  /** Whether it was spoken, and every bit of it was played. */
  heard(): boolean
  /** Pushes what there is of its text and was not pushed yet. Apart, since a session may answer at once. */
  carryOn(): void
  cancel(): void
}

/**
 * Gives one sentence to the speech session.
 *
 * @param id of its account in the ledger
 * @param to `audio` gets what comes of it, `ended` is told once that no more will
 */
export function deliverPiece(
  session: Pick<SpeechSession, 'speak'>,
  ledger: PlaybackLedger,
  id: string,
  piece: Piece,
  to: { readonly audio: SpeechSink['audio']; ended(error: BridgeError | undefined): void },
): PieceDelivery {
  let end: SpeechEnd | undefined
  let pushedChars = 0
  const input: SpeechInput = session.speak({
    audio: to.audio,
    ended(came) {
      if (end) return
      end = came
      to.ended(came.kind === 'failed' ? came.error : undefined)
    },
  })
  return {
    piece,
    end: () => end,
    sentMs: () => ledger.of(id).sentMs,
    heardMs: () => ledger.of(id).heardMs,
    heard() {
      const { heardMs, sentMs } = ledger.of(id)
      return end?.kind === 'done' && heardMs >= sentMs
    },
    carryOn() {
      if (pushedChars < piece.spoken.length) input.push(piece.spoken.slice(pushedChars))
      pushedChars = piece.spoken.length
      if (piece.open !== true) input.end()
    },
    cancel: () => input.cancel(),
  }
}

/** The sentences from the first one on that were heard to their end, joined as they stood in the text. */
export function heardText(pieces: readonly Piece[], deliveries: readonly PieceDelivery[]): string {
  const missed = deliveries.findIndex((delivery) => !delivery.heard())
  const heard = missed < 0 ? deliveries.length : missed
  if (!deliveries.some((delivery) => delivery.heardMs() > 0)) return ''
  return pieces
    .slice(0, heard)
    .map((piece) => piece.text)
    .join('')
    .trim()
}
