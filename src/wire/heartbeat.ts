import type { Clock } from '../ops/clock.ts'

const pingMs = 5000
const deadMs = 10_000

export interface Heartbeat {
  /** A message went out. */
  sent(): void
  stop(): void
}

export interface HeartbeatPeer {
  ping(): void
  /** Whether anything came since this was last asked: a flag of the peer's own, since sound comes many times a second. */
  heard(): boolean
  dead(): void
  /** Where a service wants messages, not pings: what is sent once nothing was for `everyMs`. */
  readonly keepalive?: { readonly everyMs: number; send(): void } | undefined
}

/** Notices when nobody is at the other end of an open connection any more, and keeps it from idling out. */
export function startHeartbeat(clock: Clock, peer: HeartbeatPeer): Heartbeat {
  const { keepalive } = peer
  let sentAt = clock.now()
  let receivedAt = sentAt
  let pingDueAt = sentAt + pingMs
  let pingTimer = clock.after(pingMs, pingOrDie)
  let keepaliveTimer = keepalive && clock.after(keepalive.everyMs, () => keepWarm(keepalive))

  function pingOrDie(): void {
    const now = clock.now()
    // When this process itself stood still, what came meanwhile has not been read yet: ask once more.
    const stoodStill = now - pingDueAt > pingMs
    if (peer.heard() || stoodStill) receivedAt = now
    if (now - receivedAt >= deadMs) return peer.dead()
    pingDueAt = now + pingMs
    pingTimer = clock.after(pingMs, pingOrDie)
    peer.ping()
  }

  function keepWarm(warm: NonNullable<HeartbeatPeer['keepalive']>): void {
    const idleMs = clock.now() - sentAt
    if (idleMs >= warm.everyMs) warm.send()
    keepaliveTimer = clock.after(idleMs >= warm.everyMs ? warm.everyMs : warm.everyMs - idleMs, () => keepWarm(warm))
  }

  return {
    sent() {
      sentAt = clock.now()
    },
    stop() {
      pingTimer.cancel()
      keepaliveTimer?.cancel()
    },
  }
}
