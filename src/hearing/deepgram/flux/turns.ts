import type { Heard } from '../../recognizer.ts'
import { joined } from '../../words.ts'
import type { Dialect, Transcriber } from '../session.ts'
import type { Aside } from '../protocol.ts'
import type { FluxFrame, TurnInfo } from './protocol.ts'

/** Silence that ends a turn at the latest; the model mostly ends it sooner. */
export const endOfTurnMs = 2000
/** For EndOfTurn to come. */
const patienceMs = 700
/** As Deepgram's docs advise: 80 ms. */
const packetBytes = 640
/** So long a word may have begun before it is told. */
const unheardMs = 2000
/** Times come as rounded seconds. */
const toleranceMs = 20
const nothing: Told = { text: '', again: false }

/** `/v2/listen`: the model itself says when a turn begins and ends. */
export const turns: Dialect<FluxFrame> = {
  manners: {
    accepts: ({ kind }) => kind === 'metadata' || kind === 'turn',
    isAudio: ({ kind }) => kind === 'turn',
  },
  concludeMs: endOfTurnMs + patienceMs,
  packetBytes,
  transcribe: createTurns,
}

/**
 * Turns as utterances. The words of a turn are interim until it ends. A turn that was cut by a lost connection is heard
 * once more from its beginning, if its audio is still kept; else what was heard of it is told for good.
 */
export function createTurns(tell: (event: Heard) => void): Transcriber<FluxFrame> {
  return new Turns(tell)
}

class Turns implements Transcriber<FluxFrame> {
  readonly #tell: (event: Heard) => void
  /** Parts of the utterance that were told for good, put together. */
  #settled = ''
  #interim = ''
  #started = false
  #toldMs = 0
  #heardMs = 0
  /** The turn of this connection that came last, if any did. */
  #turn: { readonly index: number; readonly ended: boolean } | undefined
  /** All of it, as the service tells it. */
  #sofar = ''
  /** Words of a connection before, which this one is to hear again. */
  #expected = ''
  #toldBefore = nothing

  constructor(tell: (event: Heard) => void) {
    this.#tell = tell
  }

  get pending(): string {
    return joined(this.#settled, this.#interim)
  }

  get toldMs(): number {
    return this.#toldMs
  }

  resume(keptMs: number): void {
    this.#turn = undefined
    this.#sofar = ''
    this.#expected = this.#interim
    this.#toldBefore = nothing
    if (this.#interim === '' || keptMs <= this.#toldMs + toleranceMs) return
    this.#toldMs = Math.max(this.#toldMs, this.#heardMs)
    this.#expected = ''
    this.#settle(this.#interim)
  }

  take(came: FluxFrame, connectionMs: number): Aside | undefined {
    if (came.kind !== 'turn') return came
    this.#takeTurn({ ...came, endMs: came.endMs + connectionMs })
    return undefined
  }

  conclude(): void {
    this.#toldMs = Math.max(this.#toldMs, this.#heardMs)
    this.#toldBefore =
      this.#expected === '' ? { text: this.#sofar, again: false } : { text: this.#expected, again: true }
    this.#utter()
  }

  #begin(): void {
    if (!this.#started) this.#tell({ type: 'started' })
    this.#started = true
  }

  #settle(text: string): void {
    this.#interim = ''
    if (text === '') return
    this.#begin()
    this.#settled = joined(this.#settled, text)
    this.#tell({ type: 'final', text })
  }

  #utter(): void {
    const text = this.pending
    this.#settled = ''
    this.#interim = ''
    this.#started = false
    if (text !== '') this.#tell({ type: 'utterance', text })
  }

  #update(text: string, endMs: number): void {
    if (text === '' && this.pending === '') this.#toldMs = Math.max(this.#toldMs, endMs - unheardMs)
    if (text === this.#interim || (text === '' && this.#expected !== '')) return
    if (text !== '') this.#begin()
    this.#interim = text
    if (text !== '') this.#tell({ type: 'interim', text })
  }

  /** Whether the turn is over: what comes of it is late, or comes twice. */
  #isOver(index: number): boolean {
    const turn = this.#turn
    if (turn && index <= turn.index) return index < turn.index || turn.ended
    if (turn && !turn.ended) {
      // Its end has not come, and will not.
      this.#settle(this.#interim)
      this.#utter()
      this.#toldBefore = nothing
    }
    this.#turn = { index, ended: false }
    return false
  }

  #takeTurn({ event, turn: index, text, endMs }: TurnInfo): void {
    if (this.#isOver(index)) return
    this.#heardMs = Math.max(this.#heardMs, endMs)
    this.#sofar = text
    const rest = textBehind(text, this.#toldBefore)
    if (event === 'start') this.#begin()
    if (event !== 'end') this.#update(rest, endMs)
    else this.#end(rest, index, endMs)
    if (text !== '') this.#expected = ''
  }

  #end(rest: string, index: number, endMs: number): void {
    this.#turn = { index, ended: true }
    if (this.#sofar !== '') this.#toldBefore = nothing
    if (this.#sofar === '' && this.#expected !== '') return
    this.#toldMs = Math.max(this.#toldMs, endMs)
    this.#settle(rest)
    this.#utter()
  }
}

interface Told {
  readonly text: string
  /** On a connection before: the service need not hear it again. */
  readonly again: boolean
}

/** What of a turn comes behind what was told before. Words are counted: how they are written may change. */
function textBehind(text: string, told: Told): string {
  if (told.text === '') return text
  const before = wordsOf(told.text)
  const all = wordsOf(text)
  if (told.again && spelling(all.slice(0, before.length)) !== spelling(before)) return text
  if (text.startsWith(told.text)) return text.slice(told.text.length).trim()
  return all.slice(before.length).join(' ')
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

function spelling(words: readonly string[]): string {
  return words.map((word) => word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')).join(' ')
}
