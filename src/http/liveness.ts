/** How often a media socket is pinged and looked at. */
export const lookEveryMs = 2_000
/** Looks in a row without a sign, after which the peer counts as gone: eight to ten seconds after its last one. */
const looksUntilLost = 4
/** The lead of two minutes of sound is some 1.5 MB of frames. A peer that is this far behind reads too slowly. */
const maxBufferedBytes = 8 * 1_048_576

export type Loss = 'silent' | 'not-reading' | 'stuck' | 'too-slow'

/** What is seen of one media socket, and whether it is still worth speaking into. */
export interface Liveness {
  /** Anything came: a message, a ping, a pong. */
  received(): void
  /** The peer showed that it reads what we send: it answered a ping, or echoed a mark. */
  answeredPing(): void
  echoedMark(): void
  sent(bytes: number): void
  /** To be called every `lookEveryMs`. */
  look(bufferedBytes: number): Loss | undefined
  /** Whether more waits to be taken than ever may. */
  tooSlow(bufferedBytes: number): boolean
}

/**
 * The rules for half-dead sockets. Twilio sends 50 frames a second even in silence, so no frame and no pong for eight
 * seconds means that the connection is dead. Whether Twilio answers websocket pings is not documented: an answer that
 * stays away means something only on a socket where answers came before, and where no mark comes back either (a ping
 * queues behind two minutes of sound on a slow line).
 *
 * Looks are counted, not milliseconds: after this process itself was held up, nothing is lost before it has read what
 * waits for it.
 */
export function createLiveness(): Liveness {
  let heard = false
  let proven = false
  let answersPings = false
  let sentBytes = 0
  let flushedBytes = 0
  const looks = { silent: 0, unread: 0, stuck: 0 }

  return {
    received() {
      heard = true
    },
    answeredPing() {
      heard = true
      proven = true
      answersPings = true
    },
    echoedMark() {
      proven = true
    },
    sent(bytes) {
      sentBytes += bytes
    },
    look(bufferedBytes) {
      const flushed = sentBytes - bufferedBytes
      looks.silent = heard ? 0 : looks.silent + 1
      looks.unread = proven || !answersPings ? 0 : looks.unread + 1
      looks.stuck = bufferedBytes === 0 || flushed > flushedBytes ? 0 : looks.stuck + 1
      heard = false
      proven = false
      flushedBytes = Math.max(flushed, flushedBytes)
      if (looks.silent >= looksUntilLost) return 'silent'
      if (looks.stuck >= looksUntilLost) return 'stuck'
      return looks.unread >= looksUntilLost ? 'not-reading' : undefined
    },
    tooSlow: (bufferedBytes) => bufferedBytes > maxBufferedBytes,
  }
}
