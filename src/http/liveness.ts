/** How often a media socket is pinged and looked at. */
export const usualLookMs = 2_000
/** Looks in a row without a sign, after which the peer counts as gone: eight to ten seconds after its last one. */
const looksUntilLost = 4
/** The same while a ping stays unanswered that had nothing queued before it: six to eight seconds after the last answer. */
const looksUntilUnread = 3
/** A ping queues behind the sound that was sent before it. What a line of 1 Mbit/s carries between two looks. */
const slowLineBytes = 250_000
/** The lead of two minutes of sound is some 1.5 MB of frames. A peer that is this far behind reads too slowly. */
const maxBufferedBytes = 8 * 1_048_576

export type Loss = 'silent' | 'not-reading' | 'stuck' | 'too-slow'

/** What is seen of one media socket, and whether it is still worth speaking into. */
export interface Liveness {
  /**
   * A ping is about to be sent. Returns what it is to carry, so that its answer can be told from others.
   *
   * @param writtenBytes all that was ever written to the socket, also what still waits to be taken
   */
  pinged(writtenBytes: number): string
  /** A pong came, with what it carried. */
  answered(carried: string): void
  /**
   * To be called every `usualLookMs`.
   *
   * @param seen `heard`: anything came since the last look, be it a message, a ping or a pong
   */
  look(seen: {
    readonly heard: boolean
    readonly writtenBytes: number
    readonly bufferedBytes: number
  }): Loss | undefined
  /** Whether more waits to be taken than ever may. */
  tooSlow(bufferedBytes: number): boolean
}

/**
 * The rules for half-dead sockets. Twilio sends 50 frames a second even in silence, so no frame and no pong for eight
 * seconds means that the connection is dead. Whether Twilio answers websocket pings is not documented: an answer that
 * stays away means something only on a socket where answers came before. A mark that comes back says nothing of it:
 * its sound may have been read minutes ago.
 *
 * Looks are counted, not milliseconds: after this process itself was held up, nothing is lost before it has read what
 * waits for it.
 */
export function createLiveness(): Liveness {
  return new SocketLiveness()
}

class SocketLiveness implements Liveness {
  #answersPings = false
  /** How many pings were sent up to the last that was answered. */
  #answered = 0
  /** The bytes that had been sent at that one, and at each ping since. */
  #sentAtPing: number[] = [0]
  #flushedBytes = 0
  /** Looks in a row. */
  #silent = 0
  #unread = 0
  #stuck = 0

  pinged(writtenBytes: number): string {
    this.#sentAtPing.push(writtenBytes)
    return String(this.#answered + this.#sentAtPing.length - 1)
  }

  answered(carried: string): void {
    const index = Number(carried) - this.#answered
    if (index <= 0 || this.#sentAtPing[index] === undefined) return
    this.#answersPings = true
    this.#sentAtPing = this.#sentAtPing.slice(index)
    this.#answered += index
    this.#unread = 0
  }

  look({ heard, writtenBytes, bufferedBytes }: Parameters<Liveness['look']>[0]): Loss | undefined {
    const flushed = writtenBytes - bufferedBytes
    const [readBytes = 0, awaited] = this.#sentAtPing
    const awaits = this.#answersPings && awaited !== undefined
    this.#silent = heard ? 0 : this.#silent + 1
    this.#unread = awaits ? this.#unread + 1 : 0
    this.#stuck = bufferedBytes === 0 || flushed > this.#flushedBytes ? 0 : this.#stuck + 1
    this.#flushedBytes = Math.max(flushed, this.#flushedBytes)
    if (this.#silent >= looksUntilLost) return 'silent'
    if (this.#stuck >= looksUntilLost) return 'stuck'
    if (!awaits) return undefined
    // Read up to the last ping that was answered; the sound after it goes before the next one.
    const aheadBytes = awaited - readBytes
    return this.#unread >= looksUntilUnread + aheadBytes / slowLineBytes ? 'not-reading' : undefined
  }

  tooSlow(bufferedBytes: number): boolean {
    return bufferedBytes > maxBufferedBytes
  }
}
