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
  readonly answered: (carried: string) => void
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
  let answersPings = false
  /** The first ping without an answer, the last one sent, and the bytes that had been sent when each was. */
  let oldest = 1
  let latest = 0
  const sentAtPing = new Map<number, number>([[0, 0]])
  let flushedBytes = 0
  const looks = { silent: 0, unread: 0, stuck: 0 }

  return {
    pinged(writtenBytes) {
      sentAtPing.set(++latest, writtenBytes)
      return String(latest)
    },
    answered(carried) {
      const answered = Number(carried)
      if (!sentAtPing.has(answered) || answered < oldest) return
      answersPings = true
      for (let ping = oldest - 1; ping < answered; ping++) sentAtPing.delete(ping)
      oldest = answered + 1
      looks.unread = 0
    },
    look({ heard, writtenBytes, bufferedBytes }) {
      const flushed = writtenBytes - bufferedBytes
      looks.silent = heard ? 0 : looks.silent + 1
      const awaited = answersPings ? sentAtPing.get(oldest) : undefined
      looks.unread = awaited === undefined ? 0 : looks.unread + 1
      looks.stuck = bufferedBytes === 0 || flushed > flushedBytes ? 0 : looks.stuck + 1
      flushedBytes = Math.max(flushed, flushedBytes)
      if (looks.silent >= looksUntilLost) return 'silent'
      if (looks.stuck >= looksUntilLost) return 'stuck'
      if (awaited === undefined) return undefined
      // Read up to the last ping that was answered; the sound after it goes before the next one.
      const aheadBytes = awaited - (sentAtPing.get(oldest - 1) ?? 0)
      return looks.unread >= looksUntilUnread + aheadBytes / slowLineBytes ? 'not-reading' : undefined
    },
    tooSlow: (bufferedBytes) => bufferedBytes > maxBufferedBytes,
  }
}
