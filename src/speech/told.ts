import type { BridgeError } from '../errors.ts'
import type { Connect, Connection, ConnectionEvents, Loss } from '../wire/connection.ts'
import type { SpeechEvent } from './provider.ts'

type Tell = (event: SpeechEvent) => void

/** The same connections, with what becomes of them told. */
export function tellConnections<Frame>(connect: Connect<Frame>, provider: string, tell: Tell): Connect<Frame> {
  return (events) => new ToldConnection(connect, events, provider, tell)
}

/** Stands between both sides of a connection. */
class ToldConnection<Frame> implements Connection<Frame>, ConnectionEvents<Frame> {
  readonly #events: ConnectionEvents<Frame>
  readonly #connection: Connection<Frame>
  readonly #provider: string
  readonly #tell: Tell
  #open = false

  constructor(connect: Connect<Frame>, events: ConnectionEvents<Frame>, provider: string, tell: Tell) {
    this.#events = events
    this.#provider = provider
    this.#tell = tell
    this.#connection = connect(this)
  }

  opened(): void {
    this.#open = true
    this.#tell({ type: 'connected', provider: this.#provider })
    this.#events.opened()
  }

  frame(frame: Frame): void {
    this.#events.frame(frame)
  }

  lost(loss: Loss): void {
    if (this.#open) this.#gone(loss.error)
    else this.#tell({ type: 'connection-error', provider: this.#provider, error: loss.error })
    this.#events.lost(loss)
  }

  keepalive(): string {
    return this.#events.keepalive?.() ?? ''
  }

  send(message: string | Uint8Array): void {
    this.#connection.send(message)
  }

  passTo(other: Pick<ConnectionEvents<Frame>, 'frame'>): void {
    this.#connection.passTo(other)
  }

  close(): Promise<void> {
    this.#gone(undefined)
    return this.#connection.close()
  }

  drop(): void {
    this.#gone(undefined)
    this.#connection.drop()
  }

  #gone(error: BridgeError | undefined): void {
    if (this.#open) this.#tell({ type: 'disconnected', provider: this.#provider, error })
    this.#open = false
  }
}
