import type { Heard } from '../../recognizer.ts'
import type { Dialect, Transcriber } from '../session.ts'
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
  /** Parts of the utterance that were told for good. */
  let finals: string[] = []
  let interim = ''
  let started = false
  let toldMs = 0
  let heardMs = 0
  /** The turn of this connection that came last, if any did. */
  let turn: { readonly index: number; ended: boolean } | undefined
  /** All of it, as the service tells it. */
  let sofar = ''
  /** Words of a connection before, which this one is to hear again. */
  let expected = ''
  let toldBefore = nothing

  function pending(): string {
    return [...finals, interim].filter((part) => part !== '').join(' ')
  }

  function begin(): void {
    if (!started) tell({ type: 'started' })
    started = true
  }

  function settle(text: string): void {
    interim = ''
    if (text === '') return
    begin()
    finals.push(text)
    tell({ type: 'final', text })
  }

  function utter(): void {
    const text = pending()
    finals = []
    interim = ''
    started = false
    if (text !== '') tell({ type: 'utterance', text })
  }

  function update(text: string, endMs: number): void {
    if (text === '' && pending() === '') toldMs = Math.max(toldMs, endMs - unheardMs)
    if (text === interim || (text === '' && expected !== '')) return
    if (text !== '') begin()
    interim = text
    if (text !== '') tell({ type: 'interim', text })
  }

  /** Whether the turn is over: what comes of it is late, or comes twice. */
  function isOver(index: number): boolean {
    if (turn && index <= turn.index) return index < turn.index || turn.ended
    if (turn && !turn.ended) {
      // Its end has not come, and will not.
      settle(interim)
      utter()
      toldBefore = nothing
    }
    turn = { index, ended: false }
    return false
  }

  function take({ event, turn: index, text, endMs }: TurnInfo): void {
    if (isOver(index)) return
    heardMs = Math.max(heardMs, endMs)
    sofar = text
    const rest = textBehind(text, toldBefore)
    if (event === 'start') begin()
    if (event !== 'end') update(rest, endMs)
    else end(rest, index, endMs)
    if (text !== '') expected = ''
  }

  function end(rest: string, index: number, endMs: number): void {
    turn = { index, ended: true }
    if (sofar !== '') toldBefore = nothing
    if (sofar === '' && expected !== '') return
    toldMs = Math.max(toldMs, endMs)
    settle(rest)
    utter()
  }

  return {
    get pending() {
      return pending()
    },
    get toldMs() {
      return toldMs
    },
    resume(keptMs) {
      turn = undefined
      sofar = ''
      expected = interim
      toldBefore = nothing
      if (interim === '' || keptMs <= toldMs + toleranceMs) return
      toldMs = Math.max(toldMs, heardMs)
      expected = ''
      settle(interim)
    },
    take(came, connectionMs) {
      if (came.kind !== 'turn') return came
      take({ ...came, endMs: came.endMs + connectionMs })
      return undefined
    },
    conclude() {
      toldMs = Math.max(toldMs, heardMs)
      toldBefore = expected === '' ? { text: sofar, again: false } : { text: expected, again: true }
      utter()
    },
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
