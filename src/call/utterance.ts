import { msToBytes } from '../audio/duration.ts'
import { BridgeError } from '../errors.ts'
import type { SpeechSession } from '../speech/provider.ts'
import { deliverPiece, heardText, type Piece, type PieceDelivery } from './delivery.ts'
import type { PlaybackLedger } from './ledger.ts'

export interface Heard {
  readonly end: 'heard' | 'interrupted'
  readonly heardMs: number
  readonly sentMs: number
  readonly heardText: string
}

/** One thing being said. Awaiting it waits until it was heard. */
export interface Utterance extends Promise<Heard> {
  /** Stops it, and everything queued behind it, at once. */
  interrupt(): void
}

export type SentenceSplitter = (text: string) => readonly Piece[]

/** What an utterance uses of the line it is spoken on. */
export interface UtteranceLine {
  readonly ledger: PlaybackLedger
  readonly split: SentenceSplitter
  readonly keepAudio: boolean
  play(id: string, payload: string, audioBytes: number): void
  /** Puts a mark behind everything sent so far, if none stands there. */
  mark(): void
  /** The utterance is over, for whatever reason: another may be fed. */
  settled(): void
}

/** An utterance on its way: the side that the speaker drives. */
export interface Delivery {
  readonly utterance: Utterance
  readonly settled: 'heard' | 'interrupted' | 'failed' | undefined
  /** The speech service has ended: no more audio comes. */
  readonly spoken: boolean
  /** The sentences that were heard to their end. */
  readonly heardText: string
  /** The sentences that were to be said and were not heard to their end; none of what was interrupted. */
  readonly unheard: readonly string[]
  /** Gives the speech service its next sentence. Returns how long that is thought to sound; undefined: no more is wanted. */
  feed(): number | undefined
  /** More of the line is proven heard. */
  proven(): void
  /** No audio of this utterance passes from now on. */
  gate(): void
  interrupted(): void
  cut(error: BridgeError): void
  heardAudio(): Uint8Array
}

/**
 * Speaks one text: feeds its sentences to the session, its audio to the line, and decides when it was heard.
 *
 * @param id unique in its call
 * @param options `refusal`: nothing is spoken and the utterance rejects with it
 */
export function createUtterance(
  line: UtteranceLine,
  id: string,
  options: { session: SpeechSession; text: string; interrupt: () => void; refusal: BridgeError | undefined },
): Delivery {
  const pieces = line.split(options.text)
  const kept: string[] = []
  const given: PieceDelivery[] = []
  let gated = false
  /** Nothing more comes: all sentences were spoken, or one could not be. */
  let spoken = false
  let failure: BridgeError | undefined
  let settled: Delivery['settled']
  const { promise, resolve, reject } = Promise.withResolvers<Heard>()
  // A flow need not await what it says; a failure it does not await reaches it at the end of the flow.
  promise.catch(() => {})

  function total(of: 'sentMs' | 'heardMs'): number {
    return given.reduce((sum, piece) => sum + piece[of], 0)
  }

  function cancelAll(): void {
    for (const piece of given) piece.cancel()
  }

  function settle(as: NonNullable<Delivery['settled']>, error?: BridgeError): void {
    if (settled) return
    settled = as
    cancelAll()
    const end = as === 'heard' ? 'heard' : 'interrupted'
    if (error) reject(error)
    else resolve({ end, sentMs: total('sentMs'), heardMs: total('heardMs'), heardText: heardText(pieces, given) })
    line.settled()
  }

  function feed(): number | undefined {
    if (settled || gated || spoken) return undefined
    const piece = pieces[given.length]
    if (!piece) return undefined
    const pieceId = `${id}.${given.length + 1}`
    const delivery = deliverPiece(options.session, line.ledger, pieceId, piece, {
      audio(payload, audioBytes) {
        if (settled || gated || spoken) return
        if (line.keepAudio) kept.push(payload)
        line.play(pieceId, payload, audioBytes)
      },
      ended: (error) => pieceEnded(delivery, error),
    })
    given.push(delivery)
    delivery.begin()
    return piece.estimateMs
  }

  function pieceEnded(delivery: PieceDelivery, error: BridgeError | undefined): void {
    if (settled || gated || spoken) return
    const wasLast = delivery.piece === pieces.at(-1)
    failure = error ?? (delivery.end?.kind === 'cancelled' ? closed() : undefined)
    if (wasLast && total('sentMs') === 0) failure ??= noAudio()
    spoken = wasLast || failure !== undefined
    if (failure) cancelAll()
    if (failure && total('sentMs') === 0) return settle('failed', failure)
    // Whatever was sent is still being played: what was heard is known only when the mark behind it comes back.
    line.mark()
    proven()
  }

  function proven(): void {
    if (settled || !spoken || total('heardMs') < total('sentMs')) return
    if (failure) settle('failed', failure)
    else settle('heard')
  }

  if (options.refusal) settle('failed', options.refusal)
  // Nothing to say is heard at once.
  else if (pieces.every((piece) => piece.estimateMs === 0 || piece.spoken.trim() === '')) settle('heard')

  return {
    utterance: Object.assign(promise, { interrupt: options.interrupt }),
    get settled() {
      return settled
    },
    get spoken() {
      return spoken
    },
    get heardText() {
      return heardText(pieces, given)
    },
    get unheard() {
      if (settled === 'heard' || settled === 'interrupted') return []
      const heard = given.findIndex((delivery) => !delivery.heard)
      return pieces.slice(heard < 0 ? given.length : heard).map((piece) => piece.text)
    },
    feed,
    proven,
    gate() {
      gated = true
      cancelAll()
    },
    interrupted: () => settle('interrupted'),
    cut: (error) => settle('failed', error),
    heardAudio() {
      const audioOfAll = Buffer.concat(kept.map((payload) => Buffer.from(payload, 'base64')))
      return audioOfAll.subarray(0, msToBytes(total('heardMs')))
    },
  }
}

function closed(): BridgeError {
  return new BridgeError('speech.lost', 'The speech session was closed mid-utterance.')
}

function noAudio(): BridgeError {
  return new BridgeError('speech.stalled', 'The speech service ended the utterance without any audio for its text.')
}
