import { msToBytes } from '../audio/duration.ts'
import { BridgeError } from '../errors.ts'
import type { TakenVoice } from '../speech/changing.ts'
import { carryOn, deliverPiece, heardText, isHeard, type PieceDelivery } from './delivery.ts'
import type { PlaybackLedger } from './ledger.ts'
import { isAudible, type Script } from './script.ts'

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

/** What an utterance uses of the line it is spoken on. */
export interface UtteranceLine {
  readonly ledger: PlaybackLedger
  readonly keepAudio: boolean
  readonly play: (id: string, payload: string, audioBytes: number) => void
  /** The same for audio that no speech service made. */
  playOwn(id: string, payload: string, audioBytes: number): void
  /** Puts a mark behind everything sent so far, if none stands there. */
  mark(): void
  /** There is more to feed: the utterance goes on, or is over and another may. */
  moreToFeed(): void
}

/** An utterance on its way: the side that the speaker drives. */
export type Settled = 'heard' | 'interrupted' | 'failed'

/**
 * One utterance, to its end. What changes is asked for by calls: an object with getters has a shape of its own, which takes
 * three times the memory and is slow to look into.
 */
export interface Delivery {
  readonly utterance: Utterance
  /** Its audio does not come by the speech session, which keeps texts in order: it has to wait for those before it. */
  readonly direct: boolean
  settled(): Settled | undefined
  /** The speech service has ended: no more audio comes. */
  spoken(): boolean
  /** More sentences may come, when they are written. */
  writing(): boolean
  /** Whether the speech service has ended all that it was given, or waits for words, and there is nothing to give. */
  idle(): boolean
  /** The sentences that were heard to their end. */
  heardText(): string
  /** The sentences that were to be said and were not heard to their end; none of what was interrupted. */
  unheard(): readonly string[]
  /** The sentences that the callee has begun to hear since this was last asked. */
  begun(): readonly string[]
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
 * Speaks one text: feeds its sentences to a voice, its audio to the line, and decides when it was heard.
 *
 * @param id unique in its call
 * @param options `script` gives the text, and is given what to call when there is more of it; `refusal`: nothing is
 *   spoken and the utterance rejects with it
 */
export function createUtterance(
  line: UtteranceLine,
  id: string,
  options: {
    voice: TakenVoice
    script: (changed: () => void) => Script
    interrupt: () => void
    refusal: BridgeError | undefined
  },
): Delivery {
  const { voice } = options
  const { keepAudio, play } = line
  const script = options.script(written)
  const { pieces } = script
  const { ledger } = line
  const kept: string[] = []
  const given: PieceDelivery[] = []
  let begunPieces = 0
  let gated = false
  /** Nothing more comes: all sentences were spoken, or one could not be. */
  let spoken = false
  let failure: BridgeError | undefined
  let settled: Settled | undefined
  const { promise, resolve, reject } = Promise.withResolvers<Heard>()
  // A flow need not await what it says; a failure it does not await reaches it at the end of the flow.
  promise.catch(() => {})

  const heardMs = (pieceId: string) => ledger.of(pieceId).heardMs

  function total(of: 'sentMs' | 'heardMs'): number {
    return given.reduce((sum, { id }) => sum + ledger.of(id)[of], 0)
  }

  function cancelAll(): void {
    for (const { input } of given) input?.cancel()
  }

  /** No more text is wanted, and no more audio comes. */
  function noMore(): void {
    script.stop()
    cancelAll()
    voice.release()
  }

  function settle(as: Settled, error?: BridgeError): void {
    if (settled) return
    settled = as
    noMore()
    const end = as === 'heard' ? 'heard' : 'interrupted'
    if (error) reject(error)
    else
      resolve({ end, sentMs: total('sentMs'), heardMs: total('heardMs'), heardText: heardText(pieces, given, ledger) })
    line.moreToFeed()
  }

  function feed(): number | undefined {
    if (settled || gated || spoken) return undefined
    const piece = pieces[given.length]
    if (!piece) return undefined
    const delivery = deliverPiece(voice, `${id}.${given.length + 1}`, piece, { audio: pieceAudio, ended: pieceEnded })
    given.push(delivery)
    script.taken()
    carryOn(delivery)
    return piece.estimateMs
  }

  function pieceAudio(pieceId: string, payload: string, audioBytes: number): void {
    if (settled || gated || spoken) return
    if (keepAudio) kept.push(payload)
    play(pieceId, payload, audioBytes)
  }

  function pieceEnded({ end }: PieceDelivery): void {
    if (settled || gated || spoken) return
    failure = end?.kind === 'failed' ? end.error : end?.kind === 'cancelled' ? closed() : undefined
    // What was heard is known to the sentence.
    line.mark()
    lookWhetherSpoken()
  }

  function written(): void {
    if (settled || gated || spoken) return
    const last = given.at(-1)
    if (last) carryOn(last)
    line.moreToFeed()
    lookWhetherSpoken()
  }

  function isIdle(): boolean {
    const last = given.at(-1)
    return given.length === pieces.length && (!last || last.end !== undefined || last.piece.open === true)
  }

  function lookWhetherSpoken(): void {
    if (settled || gated || spoken) return
    const all = script.complete && isIdle()
    if (all) failure ??= script.failure ?? (given.length > 0 && total('sentMs') === 0 ? noAudio() : undefined)
    spoken = all || failure !== undefined
    if (!spoken) return
    noMore()
    if (failure && total('sentMs') === 0) return settle('failed', failure)
    // Whatever was sent is still being played: what was heard is known only when the mark behind it comes back.
    proven()
    // A sound may wait for the end of this audio.
    line.moreToFeed()
  }

  function proven(): void {
    if (settled || !spoken || total('heardMs') < total('sentMs')) return
    if (failure) settle('failed', failure)
    else settle('heard')
  }

  if (options.refusal) settle('failed', options.refusal)
  // Nothing to say is heard at once.
  else if (script.complete && !pieces.some(isAudible)) settle('heard')

  return {
    utterance: Object.assign(promise, { interrupt: options.interrupt }),
    direct: false,
    settled: () => settled,
    spoken: () => spoken,
    writing: () => !settled && !gated && !spoken && !script.complete,
    idle: isIdle,
    heardText: () => heardText(pieces, given, ledger),
    unheard() {
      if (settled === 'heard' || settled === 'interrupted') return []
      const heard = given.findIndex((delivery) => !isHeard(delivery, ledger))
      return pieces.slice(heard < 0 ? given.length : heard).map((piece) => piece.text)
    },
    begun() {
      const latest = given.findLastIndex(({ id, piece }) => heardMs(id) > 0 && piece.open !== true)
      const news = given.slice(begunPieces, latest + 1).filter(({ id }) => heardMs(id) > 0)
      begunPieces = Math.max(begunPieces, latest + 1)
      return news.map(({ piece }) => piece.text)
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
