import type { Leg } from '../phone/leg.ts'
import type { Exchange } from '../exchange.ts'
import { later } from '../../waiting.ts'
import { parseServerMessage } from './server-message.ts'

export interface Inbox {
  /** One message of the server. */
  receive(data: Buffer, isBinary: boolean): void
  /** The stream is over: buffered audio is lost, outstanding marks are never echoed. */
  drop(): void
}

export interface InboxOptions {
  readonly exchange: Exchange
  readonly leg: Leg
  readonly callSid: string
  readonly streamSid: string
  readonly bidirectional: boolean
  readonly signal: AbortSignal
  readonly sendMark: (name: string) => void
  /** The server broke the protocol so badly that the stream ends. */
  readonly breakOff: (message: string) => void
}

/** What a server may say on a stream, done to the phone's play-out buffer; whatever else it says becomes a fault. */
export function createInbox(options: InboxOptions): Inbox {
  const { bidirectional, breakOff, callSid, exchange, leg, sendMark, signal, streamSid } = options
  const { behaviour, clock, faults } = exchange
  const { playout } = leg
  let timer = { cancel() {} }
  let overflowed = false

  const fault = (code: number, message: string) => faults.add(code, message, { callSid, streamSid })

  function echo(names: readonly string[]): void {
    for (const name of names) {
      leg.happened({ type: 'mark', name })
      sendMark(name)
    }
  }

  function echoDue(): void {
    echo(playout.takeDue(clock.now()))
    timer.cancel()
    const nextMs = playout.nextMarkMs()
    if (nextMs !== undefined) timer = later(clock, nextMs - clock.now(), signal, echoDue)
  }

  function play(audio: Uint8Array): void {
    const taken = playout.append(audio, clock.now(), behaviour.bufferLimitMs)
    if (taken < audio.length && !overflowed) {
      overflowed = true
      fault(
        31_931,
        `more than ${behaviour.bufferLimitMs / 60_000} minutes of audio are buffered; the rest was discarded`,
      )
    }
    if (taken > 0) leg.playoutChanged()
  }

  function clear(): void {
    const outstanding = playout.clear(clock.now())
    leg.happened({ type: 'clear' })
    leg.playoutChanged()
    echo(outstanding)
  }

  function malformed(problem: string): void {
    if (behaviour.malformedMessages === 'closed') breakOff(problem)
    else fault(31_951, problem)
  }

  return {
    receive(data, isBinary) {
      if (!bidirectional) return breakOff('a message was sent on <Start><Stream>, which only listens')
      echoDue()
      if (isBinary) return fault(31_950, `a binary message of ${data.length} bytes`)
      const message = parseServerMessage(data.toString(), streamSid)
      if (message.kind === 'malformed') return malformed(message.problem)
      if (message.kind === 'media') play(message.audio)
      else if (message.kind === 'clear') clear()
      else playout.mark(message.name, clock.now())
      echoDue()
    },
    drop() {
      timer.cancel()
      if (!bidirectional) return
      playout.clear(clock.now())
      leg.playoutChanged()
    },
  }
}
