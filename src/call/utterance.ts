import { msToBytes } from '../audio/duration.ts'
import { BridgeError } from '../errors.ts'
import type { SpeechEnd, SpeechInput, SpeechSession } from '../speech/provider.ts'
import type { Sentence } from './heard-text.ts'
import { heardText } from './heard-text.ts'
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

/** A spoken piece as the service gets it, its words as they are quoted, and how long it is thought to sound. */
export interface Piece extends Sentence {
  readonly spoken: string
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
  readonly sentences: readonly Sentence[]
  readonly settled: 'heard' | 'interrupted' | 'failed' | undefined
  /** The speech service has ended: no more audio comes. */
  readonly spoken: boolean
  audio(): { readonly heardMs: number; readonly sentMs: number; readonly complete: boolean }
  /** Gives the speech service its next piece. Returns how long that is thought to sound; undefined: no more is wanted. */
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
  let next = 0
  let gated = false
  let input: SpeechInput | undefined
  let ended: SpeechEnd | undefined
  let settled: Delivery['settled']
  const { promise, resolve, reject } = Promise.withResolvers<Heard>()
  // A flow need not await what it says; a failure it does not await reaches it at the end of the flow.
  promise.catch(() => {})

  function audio() {
    const { sentMs, heardMs } = line.ledger.of(id)
    return { sentMs, heardMs, complete: ended?.kind === 'done' }
  }

  function settle(as: NonNullable<Delivery['settled']>, error?: BridgeError): void {
    if (settled) return
    settled = as
    input?.cancel()
    const { sentMs, heardMs } = audio()
    const end = as === 'heard' ? 'heard' : 'interrupted'
    if (error) reject(error)
    else resolve({ end, sentMs, heardMs, heardText: heardText(pieces, audio()) })
    line.settled()
  }

  function feed(): number | undefined {
    if (!input || settled || gated || ended) return undefined
    const piece = pieces[next]
    if (!piece) return undefined
    next++
    input.push(piece.spoken)
    if (next === pieces.length) input.end()
    return piece.estimateMs
  }

  function proven(): void {
    if (settled) return
    const { sentMs, heardMs } = audio()
    if (ended && heardMs >= sentMs) {
      if (ended.kind === 'failed') return settle('failed', ended.error)
      return settle('heard')
    }
  }

  function endedBySpeech(end: SpeechEnd): void {
    if (settled || gated || ended) return
    const { sentMs } = audio()
    const silent = end.kind === 'done' && sentMs === 0
    ended = silent ? { kind: 'failed', error: noAudio() } : end
    if (ended.kind === 'cancelled')
      ended = { kind: 'failed', error: new BridgeError('speech.lost', 'The speech session was closed mid-utterance.') }
    if (ended.kind === 'failed' && sentMs === 0) return settle('failed', ended.error)
    // Whatever was sent is still being played: what was heard is known only when the mark behind it comes back.
    line.mark()
    proven()
  }

  if (options.refusal) settle('failed', options.refusal)
  // Nothing to say is heard at once.
  else if (pieces.every((piece) => piece.estimateMs === 0 || piece.spoken.trim() === '')) settle('heard')
  else {
    input = options.session.speak({
      audio(payload, audioBytes) {
        if (settled || gated || ended) return
        if (line.keepAudio) kept.push(payload)
        line.play(id, payload, audioBytes)
      },
      ended: endedBySpeech,
    })
  }

  return {
    utterance: Object.assign(promise, { interrupt: options.interrupt }),
    sentences: pieces,
    get settled() {
      return settled
    },
    get spoken() {
      return ended !== undefined
    },
    audio,
    feed,
    proven,
    gate() {
      gated = true
      input?.cancel()
    },
    interrupted: () => settle('interrupted'),
    cut: (error) => settle('failed', error),
    heardAudio() {
      const audioOfAll = Buffer.concat(kept.map((payload) => Buffer.from(payload, 'base64')))
      return audioOfAll.subarray(0, msToBytes(line.ledger.of(id).heardMs))
    },
  }
}

function noAudio(): BridgeError {
  return new BridgeError('speech.stalled', 'The speech service ended the utterance without any audio for its text.')
}
