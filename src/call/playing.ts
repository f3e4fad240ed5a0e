import { msToBytes } from '../audio/duration.ts'
import type { BridgeError } from '../errors.ts'
import { soundError } from './sound-source.ts'
import type { Delivery, Heard, Settled, UtteranceLine } from './utterance.ts'

/** How far ahead of what was heard a sound is sent. Unlike a text it is at hand: more would only fill buffers. */
const soundLeadMs = 10_000
const chunkBytes = msToBytes(250)

/** Where the mu-law of a sound comes from, piece by piece. */
export type Pieces = AsyncIterator<Uint8Array, void>

/**
 * Plays one sound: straight to the line, as fast as it is heard, with an account in the ledger like that of a text. It
 * is heard when its last mark came back. What of a sound could be read is played before it fails.
 *
 * @param id unique in its call
 * @param options `pieces` is asked for no more than is played, and always told when it is not wanted any more;
 *   `refusal`: nothing is played and the utterance rejects with it
 */
export function createPlaying(
  line: UtteranceLine,
  id: string,
  options: {
    readonly pieces: Pieces
    readonly interrupt: () => void
    readonly refusal: BridgeError | undefined
  },
): Delivery {
  const { pieces } = options
  const kept: string[] = []
  /** Read and not yet sent. */
  let rest: Uint8Array = new Uint8Array()
  let reading = false
  let complete = false
  let failure: BridgeError | undefined
  let spoken = false
  let gated = false
  let settled: Settled | undefined
  const { promise, resolve, reject } = Promise.withResolvers<Heard>()
  promise.catch(() => {})

  const account = () => line.ledger.of(id)

  function leave(): void {
    complete = true
    rest = new Uint8Array()
    // Behind a read that is under way; then the file is closed.
    Promise.resolve(pieces.return?.()).catch(() => {})
  }

  function settle(as: Settled, error?: BridgeError): void {
    if (settled) return
    settled = as
    leave()
    const { sentMs, heardMs } = account()
    if (error) reject(error)
    else resolve({ end: as === 'heard' ? 'heard' : 'interrupted', sentMs, heardMs, heardText: '' })
    line.moreToFeed()
  }

  function read(): void {
    if (reading || complete) return
    reading = true
    pieces.next().then(
      ({ value, done }) => {
        reading = false
        if (complete) return
        complete = done === true
        if (value) rest = rest.length === 0 ? value : Buffer.concat([rest, value])
        line.moreToFeed()
        lookWhetherSpoken()
      },
      (thrown: unknown) => {
        reading = false
        if (complete) return
        failure = soundError(thrown)
        complete = true
        line.moreToFeed()
        lookWhetherSpoken()
      },
    )
  }

  function lookWhetherSpoken(): void {
    if (settled || gated || spoken || !complete || rest.length > 0) return
    spoken = true
    line.mark()
    proven()
    line.moreToFeed()
  }

  function proven(): void {
    if (settled || !spoken) return
    const { sentMs, heardMs } = account()
    if (heardMs < sentMs) return
    if (failure) settle('failed', failure)
    else settle('heard')
  }

  if (options.refusal) settle('failed', options.refusal)
  // Before its turn has come: what cannot be read is known early, and what can be is at hand.
  else read()

  return {
    utterance: Object.assign(promise, { interrupt: options.interrupt }),
    direct: true,
    settled: () => settled,
    spoken: () => spoken,
    writing: () => !settled && !gated && !spoken,
    idle: () => spoken,
    heardText: () => '',
    unheard: () => [],
    begun: () => [],
    feed() {
      if (settled || gated || spoken || line.ledger.outstandingMs() >= soundLeadMs) return undefined
      if (rest.length < chunkBytes && !complete) {
        read()
        return undefined
      }
      if (rest.length === 0) return undefined
      const chunk = rest.subarray(0, chunkBytes)
      rest = rest.subarray(chunk.length)
      const payload = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('base64')
      if (line.keepAudio) kept.push(payload)
      line.playOwn(id, payload, chunk.length)
      lookWhetherSpoken()
      // It is sent, and stands in the ledger: nothing of it has to be expected.
      return 0
    },
    proven,
    gate() {
      gated = true
      leave()
    },
    interrupted: () => settle('interrupted'),
    cut: (error) => settle('failed', error),
    heardAudio() {
      const audio = Buffer.concat(kept.map((payload) => Buffer.from(payload, 'base64')))
      return audio.subarray(0, msToBytes(account().heardMs))
    },
  }
}
