import { bytesToMs } from '../audio/duration.ts'

/**
 * What was sent to Twilio, what was played, what was cleared, per utterance. Pure book-keeping: it sends nothing.
 *
 * The line plays in the order of sending, so the echo of a mark proves everything that was sent before that mark, with
 * one exception: `clear` makes Twilio return all outstanding marks unplayed, so marks that were outstanding when a
 * clear was sent prove nothing. Mark names therefore carry a generation, which every clear raises.
 * (Twilio docs, Media Streams messages: `mark`, `clear`.)
 */
export interface PlaybackLedger {
  /** Audio of an utterance was handed to Twilio. Returns the sound sent since the last mark, in milliseconds. */
  readonly sent: (utterance: string, audioBytes: number) => number
  /** The name of a mark that stands behind everything sent so far. The caller sends it. */
  mark(): string
  /** A mark came back. */
  echoed(name: string): MarkEcho
  /** Everything unplayed was thrown away. Returns whether there was anything to throw away or to wait for. */
  cleared(): boolean
  /** What is known of one utterance, in milliseconds of sound. */
  of(utterance: string): { readonly sentMs: number; readonly heardMs: number; readonly lostMs: number }
  /** Sound sent since the last mark: what no echo will prove yet. */
  unmarkedMs(): number
  /** Sound that has to be played before the next mark can come back; undefined when none is awaited. */
  nextProofMs(): number | undefined
  /** Sound sent and neither proven heard nor cleared. */
  readonly outstandingMs: () => number
  sentMs(): number
  heardMs(): number
}

/** `heard`: it proves playback. `stale`: it came back by a clear, or came twice. `unknown`: never sent by us. */
export type MarkEcho = 'heard' | 'stale' | 'unknown'

interface Account {
  sent: number
  heard: number
  lost: number
}

interface Unproven {
  readonly utterance: string
  readonly account: Account
  bytes: number
}

export function createLedger(): PlaybackLedger {
  const accounts = new Map<string, Account>()
  /** Audio that waits for its proof, oldest first. */
  let queue: Unproven[] = []
  /** The last of them: nearly always the next audio is of the same utterance. */
  let latest: Unproven | undefined
  /** Marks that wait for their echo, with the position they prove. */
  const marks = new Map<string, number>()
  let generation = 1
  let sequence = 0
  /** Positions in bytes since the call began; they only grow. */
  let sentBytes = 0
  let provenBytes = 0
  let heardBytes = 0
  let markedBytes = 0

  function accountOf(utterance: string): Account {
    const known = accounts.get(utterance)
    if (known) return known
    const account = { sent: 0, heard: 0, lost: 0 }
    accounts.set(utterance, account)
    return account
  }

  function prove(position: number): void {
    let bytes = position - provenBytes
    if (bytes <= 0) return
    provenBytes = position
    heardBytes += bytes
    let done = 0
    for (const entry of queue) {
      if (bytes === 0) break
      const taken = Math.min(bytes, entry.bytes)
      entry.account.heard += taken
      entry.bytes -= taken
      bytes -= taken
      if (entry.bytes === 0) done++
    }
    if (done === 0) return
    queue = queue.slice(done)
    latest = queue.at(-1)
  }

  return {
    sent(utterance, audioBytes) {
      if (latest?.utterance !== utterance) {
        latest = { utterance, account: accountOf(utterance), bytes: 0 }
        queue.push(latest)
      }
      latest.bytes += audioBytes
      latest.account.sent += audioBytes
      sentBytes += audioBytes
      return bytesToMs(sentBytes - markedBytes)
    },
    mark() {
      sequence++
      const name = `g${generation}:m${sequence}`
      marks.set(name, sentBytes)
      markedBytes = sentBytes
      return name
    },
    echoed(name) {
      const position = marks.get(name)
      if (position === undefined) return ownName(name, sequence) ? 'stale' : 'unknown'
      marks.delete(name)
      prove(position)
      return 'heard'
    },
    cleared() {
      const something = queue.length > 0 || marks.size > 0
      for (const entry of queue) entry.account.lost += entry.bytes
      queue = []
      latest = undefined
      marks.clear()
      provenBytes = sentBytes
      markedBytes = sentBytes
      generation++
      return something
    },
    of(utterance) {
      const { sent, heard, lost } = accounts.get(utterance) ?? { sent: 0, heard: 0, lost: 0 }
      return { sentMs: bytesToMs(sent), heardMs: bytesToMs(heard), lostMs: bytesToMs(lost) }
    },
    unmarkedMs: () => bytesToMs(sentBytes - markedBytes),
    nextProofMs() {
      const [next] = marks.values()
      return next === undefined ? undefined : bytesToMs(Math.max(0, next - provenBytes))
    },
    outstandingMs: () => bytesToMs(sentBytes - provenBytes),
    sentMs: () => bytesToMs(sentBytes),
    heardMs: () => bytesToMs(heardBytes),
  }
}

/** Whether a name is of our form and was given out already. */
function ownName(name: string, lastSequence: number): boolean {
  const match = /^g[1-9]\d{0,8}:m([1-9]\d{0,8})$/.exec(name)
  return match !== null && Number(match[1]) <= lastSequence
}
