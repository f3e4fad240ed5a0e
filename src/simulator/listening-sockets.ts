import type { Saying } from './saying.ts'

/** One accepted socket of an emulated recognizer, for tests to look at. */
export interface ListenSocket<Settings> {
  readonly settings: Settings
  readonly open: boolean
  readonly audioBytes: number
  /** How far its audio has come. */
  readonly audioMs: number
  /** All that came, byte for byte. */
  audio(): Buffer
  /** Somebody says this, and this socket hears it. */
  hear(saying: Saying): void
}

/** What serves one of them. */
export interface ServedSocket<What> {
  hear(saying: Saying): void
  /** Sends any frame; bytes go as a binary one. */
  send(frame: string | Uint8Array): void
  strike(what: What): void
  terminate(): void
}

/** What happens on a socket that is served. */
export interface SocketEvents {
  readonly audio: (bytes: Buffer) => void
  readonly closed: () => void
}

/** The sockets of an emulated recognizer. They count from 1. */
export interface ListeningSockets<Settings, What> {
  /** Every socket ever accepted. */
  readonly sockets: readonly ListenSocket<Settings>[]
  /** How many are open now. */
  readonly openNow: number
  /** @param serve is given the number of the socket, and whom to tell what happens on it */
  accept(settings: Settings, serve: (number: number, told: SocketEvents) => ServedSocket<What>): void
  /** Somebody says this: on the newest open socket, or on the next if none is open. */
  readonly hear: (said: Saying | string) => void
  /** Sends this frame as it is on every open socket. */
  readonly send: (frame: string | Uint8Array) => void
  /** Makes it happen now on every open socket. */
  readonly strike: (what: What) => void
  readonly terminate: () => void
}

/** @param bytesPerMs of the sound that a socket with these settings takes */
export function createListeningSockets<Settings, What>(
  bytesPerMs: (settings: Settings) => number,
): ListeningSockets<Settings, What> {
  const open = new Map<number, ServedSocket<What>>()
  const sockets: ListenSocket<Settings>[] = []
  let unheard: Saying[] = []

  return {
    sockets,
    get openNow() {
      return open.size
    },
    accept(settings, serve) {
      const number = sockets.length + 1
      const chunks: Buffer[] = []
      let audioBytes = 0
      const served = serve(number, {
        audio(bytes) {
          chunks.push(bytes)
          audioBytes += bytes.length
        },
        closed: () => void open.delete(number),
      })
      open.set(number, served)
      sockets.push({
        settings,
        get open() {
          return open.has(number)
        },
        get audioBytes() {
          return audioBytes
        },
        get audioMs() {
          return audioBytes / bytesPerMs(settings)
        },
        audio: () => Buffer.concat(chunks),
        hear: (saying) => served.hear(saying),
      })
      for (const saying of unheard) served.hear(saying)
      unheard = []
    },
    hear(said) {
      const saying = typeof said === 'string' ? { text: said } : said
      const newest = [...open.values()].at(-1)
      if (newest) newest.hear(saying)
      else unheard.push(saying)
    },
    send(frame) {
      for (const served of open.values()) served.send(frame)
    },
    strike(what) {
      for (const served of open.values()) served.strike(what)
    },
    terminate() {
      for (const served of open.values()) served.terminate()
    },
  }
}
