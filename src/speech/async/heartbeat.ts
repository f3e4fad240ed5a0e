import type { Clock } from '../../ops/clock.ts'

/** Async ends a socket after 60.0 s without a message; four keepalives fit into that. */
const keepaliveMs = 15_000
const pingMs = 5000
const deadMs = 10_000

export interface Heartbeat {
  /** A message went out. */
  sent(): void
  /** Anything came in. Cheap enough for every chunk. */
  received(): void
  stop(): void
}

/** Keeps an open connection from idling out, and notices when nobody is at the other end any more. */
export function startHeartbeat(clock: Clock, peer: { ping(): void; keepalive(): void; dead(): void }): Heartbeat {
  let sentAt = clock.now()
  let receivedAt = sentAt
  let pingDueAt = sentAt + pingMs
  let pingTimer = clock.after(pingMs, pingOrDie)
  let keepaliveTimer = clock.after(keepaliveMs, keepWarm)

  function pingOrDie(): void {
    const now = clock.now()
    // When this process itself stood still, what came meanwhile has not been read yet: ask once more.
    const stoodStill = now - pingDueAt > pingMs
    if (now - receivedAt >= deadMs && !stoodStill) return peer.dead()
    if (stoodStill) receivedAt = now
    pingDueAt = now + pingMs
    pingTimer = clock.after(pingMs, pingOrDie)
    peer.ping()
  }

  function keepWarm(): void {
    const idleMs = clock.now() - sentAt
    if (idleMs >= keepaliveMs) peer.keepalive()
    keepaliveTimer = clock.after(idleMs >= keepaliveMs ? keepaliveMs : keepaliveMs - idleMs, keepWarm)
  }

  return {
    sent() {
      sentAt = clock.now()
    },
    received() {
      receivedAt = clock.now()
    },
    stop() {
      pingTimer.cancel()
      keepaliveTimer.cancel()
    },
  }
}
