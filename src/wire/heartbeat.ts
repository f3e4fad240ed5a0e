import type { Clock, Timer } from '../ops/clock.ts'

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
  /** Where a service wants messages, not pings: `keepWarm` is called once nothing was sent for so long. */
  readonly keepaliveMs?: number | undefined
  keepWarm?(): void
}

/** Notices when nobody is at the other end of an open connection any more, and keeps it from idling out. */
export function startHeartbeat(clock: Clock, peer: HeartbeatPeer): Heartbeat {
  return new PeerHeartbeat(clock, peer)
}

class PeerHeartbeat implements Heartbeat {
  readonly #clock: Clock
  readonly #peer: HeartbeatPeer
  readonly #keepaliveMs: number
  #sentAt: number
  #receivedAt: number
  #pingDueAt: number
  #keepaliveDueAt: number
  /** For whichever is due first. */
  #timer: Timer

  constructor(clock: Clock, peer: HeartbeatPeer) {
    const now = clock.now()
    this.#clock = clock
    this.#peer = peer
    this.#keepaliveMs = peer.keepaliveMs ?? Number.POSITIVE_INFINITY
    this.#sentAt = now
    this.#receivedAt = now
    this.#pingDueAt = now + pingMs
    this.#keepaliveDueAt = now + this.#keepaliveMs
    this.#timer = this.#wait(now)
  }

  sent(): void {
    this.#sentAt = this.#clock.now()
  }

  stop(): void {
    this.#timer.cancel()
  }

  #wait(now: number): Timer {
    const dueAt = Math.min(this.#pingDueAt, this.#keepaliveDueAt)
    return this.#clock.after(Math.max(0, dueAt - now), () => {
      if (this.#keepaliveDueAt < this.#pingDueAt) this.#keepWarm()
      else this.#pingOrDie()
    })
  }

  #pingOrDie(): void {
    const now = this.#clock.now()
    // When this process itself stood still, what came meanwhile has not been read yet: ask once more.
    const stoodStill = now - this.#pingDueAt > pingMs
    if (this.#peer.heard() || stoodStill) this.#receivedAt = now
    if (now - this.#receivedAt >= deadMs) return this.#peer.dead()
    this.#pingDueAt = now + pingMs
    this.#timer = this.#wait(now)
    this.#peer.ping()
  }

  #keepWarm(): void {
    const now = this.#clock.now()
    const isIdle = now - this.#sentAt >= this.#keepaliveMs
    this.#keepaliveDueAt = (isIdle ? now : this.#sentAt) + this.#keepaliveMs
    this.#timer = this.#wait(now)
    if (isIdle) this.#peer.keepWarm?.()
  }
}
