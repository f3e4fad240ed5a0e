import { bytesToMs } from '../audio/duration.ts'
import { createMarks } from './marks.ts'

/**
 * What is known of one sentence or sound, in bytes of mu-law. Whoever sends it is its own account, which the ledger keeps:
 * nothing is looked up, and what is forgotten has left nothing here.
 */
export interface Account {
  sentBytes: number
  heardBytes: number
  /** Cleared before they were played. */
  lostBytes: number
}

/** `heard`: it proves playback. `stale`: it came back by a clear, or came twice. `unknown`: never sent by us. */
export type MarkEcho = 'heard' | 'stale' | 'unknown'

/** Sound of one account that waits for its proof: from a position on, to where the next begins. */
interface Unproven {
  readonly account: Account
  readonly from: number
  next: Unproven | undefined
}

/**
 * What was sent to Twilio, what was played, what was cleared, per sentence. Pure book-keeping: it sends nothing. A class
 * that can be extended, since whoever sends is this book, too: src/call/line.ts.
 *
 * The line plays in the order of sending, so the echo of a mark proves everything that was sent before that mark, with
 * one exception: `clear` makes Twilio return all outstanding marks unplayed, so marks that were outstanding when a
 * clear was sent prove nothing. Mark names therefore carry a generation, which every clear raises.
 * (Twilio docs, Media Streams messages: `mark`, `clear`.)
 */
export class PlaybackLedger {
  /** Positions in bytes since the call began; they only grow. */
  #sentBytes = 0
  #markedBytes = 0
  /** Whose sound was sent last: nearly always the next is of the same sentence. */
  #sending: Account | undefined
  #provenBytes = 0
  #heardBytes = 0
  /** What waits for its proof, oldest first. */
  #oldest: Unproven | undefined
  #latest: Unproven | undefined
  /** Marks that wait for their echo, with the position they prove. */
  readonly #marks = createMarks()
  #generation = 1
  #sequence = 0

  /** Audio of an account was handed to Twilio. Returns what was sent since the last mark, in bytes. */
  sent(account: Account, audioBytes: number): number {
    if (this.#sending !== account) this.#begin(account)
    account.sentBytes += audioBytes
    this.#sentBytes += audioBytes
    return this.#sentBytes - this.#markedBytes
  }

  /** The name of a mark that stands behind everything sent so far. The caller sends it. */
  mark(): string {
    this.#sequence++
    const name = `g${this.#generation}:m${this.#sequence}`
    this.#marks.add(name, this.#sentBytes)
    this.#markedBytes = this.#sentBytes
    return name
  }

  /** A mark came back. */
  echoed(name: string): MarkEcho {
    const position = this.#marks.take(name)
    if (position === undefined) return ownName(name, this.#sequence) ? 'stale' : 'unknown'
    this.#prove(position)
    return 'heard'
  }

  /** Everything unplayed was thrown away. Returns whether there was anything to throw away or to wait for. */
  cleared(): boolean {
    const something = this.#oldest !== undefined || this.#marks.oldest() !== undefined
    for (let entry = this.#oldest; entry; entry = entry.next) {
      const end = this.#endOf(entry)
      entry.account.lostBytes += end - this.#provenBytes
      this.#provenBytes = end
    }
    this.#oldest = undefined
    this.#allProven()
    this.#marks.clear()
    this.#markedBytes = this.#sentBytes
    this.#generation++
    return something
  }

  /** Sound sent since the last mark: what no echo will prove yet. */
  unmarkedMs(): number {
    return bytesToMs(this.#sentBytes - this.#markedBytes)
  }

  /** Sound that has to be played before the next mark can come back; undefined when none is awaited. */
  nextProofMs(): number | undefined {
    const next = this.#marks.oldest()
    return next === undefined ? undefined : bytesToMs(Math.max(0, next - this.#provenBytes))
  }

  /** Sound sent and neither proven heard nor cleared. */
  outstandingMs(): number {
    return bytesToMs(this.#sentBytes - this.#provenBytes)
  }

  sentMs(): number {
    return bytesToMs(this.#sentBytes)
  }

  heardMs(): number {
    return bytesToMs(this.#heardBytes)
  }

  #begin(account: Account): void {
    const entry: Unproven = { account, from: this.#sentBytes, next: undefined }
    if (this.#latest) this.#latest.next = entry
    else this.#oldest = entry
    this.#latest = entry
    this.#sending = account
  }

  #endOf(entry: Unproven): number {
    return entry.next ? entry.next.from : this.#sentBytes
  }

  #prove(position: number): void {
    if (position <= this.#provenBytes) return
    this.#heardBytes += position - this.#provenBytes
    while (this.#oldest && this.#provenBytes < position) {
      const end = this.#endOf(this.#oldest)
      const proven = Math.min(position, end)
      this.#oldest.account.heardBytes += proven - this.#provenBytes
      this.#provenBytes = proven
      if (proven < end) return
      this.#oldest = this.#oldest.next
    }
    if (!this.#oldest) this.#allProven()
  }

  #allProven(): void {
    this.#latest = undefined
    this.#sending = undefined
  }
}

/** Whether a name is of our form and was given out already. */
function ownName(name: string, lastSequence: number): boolean {
  const match = /^g[1-9]\d{0,8}:m([1-9]\d{0,8})$/.exec(name)
  return match !== null && Number(match[1]) <= lastSequence
}
