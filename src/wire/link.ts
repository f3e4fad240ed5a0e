import { BridgeError } from '../errors.ts'
import type { Clock, Timer } from '../ops/clock.ts'
import type { Log } from '../ops/logger.ts'
import type { Connect, Connection, Loss } from './connection.ts'

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
  const { clock, log } = deps
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => {})
  let connection: Connection<Frame> | undefined
  let openedAt: number | undefined
  let round: { startedAt: number; failures: number } | undefined
  let retryTimer: Timer | undefined
  let graceTimer: Timer | undefined
  let downWith: BridgeError | undefined
  let resting = false
  let settled = false
  let everReady = false
  /** Something came that only an accepted connection sends: a key that worked is not suddenly refused. */
  let trusted = false
  let closed = false

  function begin(): void {
    openedAt = undefined
    settled = false
    const mine = connect({
      opened() {
        openedAt = clock.now()
        graceTimer = clock.after(graceMs, settle)
        events.opened()
      },
      frame(frame) {
        const isAudio = manners.isAudio(frame)
        if (isAudio) round = undefined
        events.frame(frame)
        if (connection !== mine) return
        if (!settled && manners.accepts(frame)) {
          trusted = true
          settle()
        }
        // No frame tells more of this connection.
        if (settled && isAudio) mine.passTo(events)
      },
      lost: afterLoss,
      ...(events.keepalive ? { keepalive: () => events.keepalive?.() ?? '' } : {}),
    })
    connection = mine
  }

  function settle(): void {
    graceTimer?.cancel()
    settled = true
    everReady = true
    ready.resolve()
    events.settled()
  }

  function beginAnew(): void {
    round = { startedAt: clock.now(), failures: 0 }
    begin()
  }

  function afterLoss(loss: Loss, delayMs = 0): void {
    graceTimer?.cancel()
    connection = undefined
    if (openedAt !== undefined && clock.now() - openedAt >= goodLifeMs) round = undefined
    const error = refusal(loss) ?? loss.error
    events.lost(error, loss.closeCode)
    if (!closed) retry(error, delayMs)
  }

  function refusal({ mute, closeCode }: Loss): BridgeError | undefined {
    if (!mute || trusted || closeCode === undefined || impersonalCloses.has(closeCode)) return undefined
    return manners.closedAtOnce?.(closeCode)
  }

  function retry(error: BridgeError, leastMs: number): void {
    if (!error.retryable) return giveUp(error)
    if (everReady && events.wanted?.() === false) {
      resting = true
      return
    }
    const now = clock.now()
    if (round) round.failures++
    else round = { startedAt: now, failures: 0 }
    const backoffMs = round.failures === 0 ? 0 : Math.min(lastRetryMs, firstRetryMs * 2 ** (round.failures - 1))
    const delayMs = Math.max(backoffMs, leastMs)
    if (now + delayMs - round.startedAt > giveUpMs) return giveUp(error)
    log.warn(
      { errorCode: error.code, failures: round.failures, delayMs },
      'no connection to the speech service, trying again',
    )
    retryTimer = clock.after(delayMs, begin)
  }

  function giveUp(error: BridgeError): void {
    downWith = error
    everReady = true
    ready.reject(error)
    events.down(error)
  }

  function leave(): void {
    retryTimer?.cancel()
    graceTimer?.cancel()
    connection?.drop()
    connection = undefined
  }

  beginAnew()

  return {
    ready: ready.promise,
    send: (message) => connection?.send(message),
    hasBeenReady: () => everReady,
    wake() {
      if (closed || !(resting || downWith?.retryable)) return
      resting = false
      downWith = undefined
      beginAnew()
    },
    replace() {
      leave()
      if (!closed) beginAnew()
    },
    lose(error, delayMs) {
      if (!connection) return
      leave()
      afterLoss({ error, closeCode: undefined, mute: false }, delayMs)
    },
    refuse(error) {
      leave()
      giveUp(error)
    },
    close() {
      closed = true
      retryTimer?.cancel()
      graceTimer?.cancel()
      ready.reject(new BridgeError('call.ended', 'The speech session was closed before it was connected.'))
      const last = connection
      connection = undefined
      return last?.close() ?? Promise.resolve()
    },
  }
}
