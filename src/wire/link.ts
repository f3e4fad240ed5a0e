import { BridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import type { Log } from '../ops/logger.ts'
import type { Connect, Connection, ConnectionEvents, Loss } from './connection.ts'

/** How long a fresh connection is given to refuse us, since a service need not say that it accepts. */
const graceMs = 150
const firstRetryMs = 250
const lastRetryMs = 4000
const giveUpMs = 15_000
/** A connection that lived this long or gave audio was a good one: the next starts with no record. */
const goodLifeMs = 5000
/** Closes that say nothing of us: going away, cut off, server fault, restart, try later, bad gateway. */
const impersonalCloses: ReadonlySet<number> = new Set([1001, 1006, 1011, 1012, 1013, 1014])

export interface LinkEvents<Frame> {
  /** Connected: text may be sent. */
  opened(): void
  /** The connection was accepted, as far as can be told. */
  settled(): void
  frame(frame: Frame): void
  /** The connection is gone; another follows, or `down`, or none until `wake` where it is not `wanted`. */
  lost(error: BridgeError, closeCode: number | undefined): void
  /** No connection, and none is being made: for good, unless the error is retryable and `wake` is called. */
  down(error: BridgeError): void
  keepalive?(): string
  /** Whether a lost connection is to be made again at once; left out: always. */
  wanted?(): boolean
}

/** What a service's frames and closes say of a connection. */
export interface Manners<Frame> {
  /** Only a connection that was accepted sends it. */
  accepts(frame: Frame): boolean
  isAudio(frame: Frame): boolean
  /** What an orderly close without a word right after the handshake means, where it means a refusal. */
  closedAtOnce?(closeCode: number): BridgeError
}

export interface Link {
  readonly ready: Promise<void>
  send(message: string | Uint8Array): void
  /** Connects again if it had given up, or rests. */
  wake(): void
  /** Leaves this connection for a new one, at once. */
  replace(): void
  /** Treats the connection as lost; the next one is made after `delayMs` at the earliest. */
  lose(error: BridgeError, delayMs?: number): void
  /** Never connects again. */
  refuse(error: BridgeError): void
  /** Whether `ready` has been settled. */
  hasBeenReady(): boolean
  close(): Promise<void>
}

/** Keeps one session connected: first connection, retries with backoff, a new connection for a lost one. */
export function createLink<Frame>(
  connect: Connect<Frame>,
  events: LinkEvents<Frame>,
  manners: Manners<Frame>,
  deps: { clock: Clock; log: Log },
): Link {
  return new SessionLink(connect, events, manners, deps)
}

/** It is told of each of its connections itself. */
class SessionLink<Frame> implements Link, ConnectionEvents<Frame> {
  readonly ready: Promise<void>
  /** Of `ready`, until it is settled. */
  #readiness: PromiseWithResolvers<void> | undefined
  readonly #connect: Connect<Frame>
  readonly #events: LinkEvents<Frame>
  readonly #manners: Manners<Frame>
  readonly #clock: Clock
  readonly #log: Log
  #connection: Connection<Frame> | undefined
  #openedAt: number | undefined
  #round: { readonly startedAt: number; failures: number } | undefined
  #retryTimer: Timer | undefined
  #graceTimer: Timer | undefined
  #downWith: BridgeError | undefined
  #resting = false
  #settled = false
  /** Something came that only an accepted connection sends: a key that worked is not suddenly refused. */
  #trusted = false
  #closed = false

  constructor(
    connect: Connect<Frame>,
    events: LinkEvents<Frame>,
    manners: Manners<Frame>,
    { clock, log }: { readonly clock: Clock; readonly log: Log },
  ) {
    const readiness = Promise.withResolvers<void>()
    readiness.promise.catch(() => {})
    this.ready = readiness.promise
    this.#readiness = readiness
    this.#connect = connect
    this.#events = events
    this.#manners = manners
    this.#clock = clock
    this.#log = log
    this.#beginAnew()
  }

  send(message: string | Uint8Array): void {
    this.#connection?.send(message)
  }

  hasBeenReady(): boolean {
    return this.#readiness === undefined
  }

  wake(): void {
    if (this.#closed || !(this.#resting || this.#downWith?.retryable)) return
    this.#resting = false
    this.#downWith = undefined
    this.#beginAnew()
  }

  replace(): void {
    this.#leave()
    if (!this.#closed) this.#beginAnew()
  }

  lose(error: BridgeError, delayMs = 0): void {
    if (!this.#connection) return
    this.#leave()
    this.#afterLoss({ error, closeCode: undefined, mute: false }, delayMs)
  }

  refuse(error: BridgeError): void {
    this.#leave()
    this.#giveUp(error)
  }

  close(): Promise<void> {
    this.#closed = true
    this.#retryTimer?.cancel()
    this.#endGrace()
    this.#readiness?.reject(new BridgeError('call.ended', 'The speech session was closed before it was connected.'))
    const last = this.#connection
    this.#connection = undefined
    return last?.close() ?? Promise.resolve()
  }

  opened(): void {
    this.#openedAt = this.#clock.now()
    this.#graceTimer = this.#clock.after(graceMs, () => this.#settle())
    this.#events.opened()
  }

  frame(frame: Frame): void {
    const connection = this.#connection
    const isAudio = this.#manners.isAudio(frame)
    if (isAudio) this.#round = undefined
    this.#events.frame(frame)
    // Whoever was told may have left it.
    if (!connection || connection !== this.#connection) return
    if (!this.#settled && this.#manners.accepts(frame)) {
      this.#trusted = true
      this.#settle()
    }
    // No frame tells more of this connection.
    if (this.#settled && isAudio) connection.passTo(this.#events)
  }

  lost(loss: Loss): void {
    this.#afterLoss(loss, 0)
  }

  keepalive(): string {
    return this.#events.keepalive?.() ?? ''
  }

  #begin(): void {
    this.#openedAt = undefined
    this.#settled = false
    this.#retryTimer = undefined
    this.#connection = this.#connect(this)
  }

  #beginAnew(): void {
    this.#round = { startedAt: this.#clock.now(), failures: 0 }
    this.#begin()
  }

  #settle(): void {
    this.#endGrace()
    this.#settled = true
    this.#readiness?.resolve()
    this.#readiness = undefined
    this.#events.settled()
  }

  #afterLoss(loss: Loss, delayMs: number): void {
    this.#endGrace()
    this.#connection = undefined
    if (this.#openedAt !== undefined && this.#clock.now() - this.#openedAt >= goodLifeMs) this.#round = undefined
    const error = this.#refusal(loss) ?? loss.error
    this.#events.lost(error, loss.closeCode)
    if (!this.#closed) this.#retry(error, delayMs)
  }

  #refusal({ mute, closeCode }: Loss): BridgeError | undefined {
    if (!mute || this.#trusted || closeCode === undefined || impersonalCloses.has(closeCode)) return undefined
    return this.#manners.closedAtOnce?.(closeCode)
  }

  #retry(error: BridgeError, leastMs: number): void {
    if (!error.retryable) return this.#giveUp(error)
    if (this.hasBeenReady() && this.#events.wanted?.() === false) {
      this.#resting = true
      return
    }
    const now = this.#clock.now()
    if (this.#round) this.#round.failures++
    else this.#round = { startedAt: now, failures: 0 }
    const { failures, startedAt } = this.#round
    const backoffMs = failures === 0 ? 0 : Math.min(lastRetryMs, firstRetryMs * 2 ** (failures - 1))
    const delayMs = Math.max(backoffMs, leastMs)
    if (now + delayMs - startedAt > giveUpMs) return this.#giveUp(error)
    this.#log.warn({ errorCode: error.code, failures, delayMs }, 'no connection to the speech service, trying again')
    this.#retryTimer = this.#clock.after(delayMs, () => this.#begin())
  }

  #giveUp(error: BridgeError): void {
    this.#downWith = error
    this.#readiness?.reject(error)
    this.#readiness = undefined
    this.#events.down(error)
  }

  #leave(): void {
    this.#retryTimer?.cancel()
    this.#endGrace()
    this.#connection?.drop()
    this.#connection = undefined
  }

  #endGrace(): void {
    this.#graceTimer?.cancel()
    this.#graceTimer = undefined
  }
}
