import { note } from '../call.ts'
import type { FaultPlace } from '../faults.ts'
import { openStream } from '../stream/open-stream.ts'
import { checkStream } from '../twiml/stream-rules.ts'
import type { Connect, StreamNoun } from '../twiml/verbs.ts'
import { wait } from '../../waiting.ts'
import { goTo, hangUp, type Next, nextVerb, type Running } from './running.ts'

const startedStreamsLimit = 4

/** `<Connect>`: lasts as long as its stream; then the action is asked, or the next verb runs. */
export async function runConnect(running: Running, connect: Connect): Promise<Next> {
  const { call, exchange, signal } = running
  const { behaviour, clock } = exchange
  note(call, clock.now(), 'Connect')
  if (!connect.stream) {
    exchange.faults.add(12_200, '<Connect>: only <Stream> is played by this network', { callSid: call.sid })
    return nextVerb
  }
  const checked = accept(running, connect.stream, true)
  if (checked) {
    if (behaviour.streamOpening === 'never') await wait(clock, Number.POSITIVE_INFINITY, signal)
    else {
      const end = await openStream({ exchange, call, leg: running.leg, signal, bidirectional: true, ...checked }).ended
      if (signal.aborted) return nextVerb
      if (end === 'failed' && behaviour.afterStreamFailure === 'hang-up') return hangUp
    }
  }
  if (signal.aborted) return nextVerb
  return connect.action === undefined ? nextVerb : goTo(running, connect.action, connect.method)
}

/** `<Start><Stream>`: a stream that only listens. It lasts until the call ends, and the next verb runs at once. */
export function runStart(running: Running, stream: StreamNoun | undefined): Next {
  const { call, exchange } = running
  note(call, exchange.clock.now(), 'Start')
  if (!stream) {
    exchange.faults.add(12_200, '<Start>: only <Stream> is played by this network', { callSid: call.sid })
    return nextVerb
  }
  const open = call.streams.filter((other) => !other.bidirectional && other.closedAtMs === undefined)
  if (open.length >= startedStreamsLimit) {
    exchange.faults.add(12_200, `<Start>: more than ${startedStreamsLimit} streams on one call`, { callSid: call.sid })
    return nextVerb
  }
  const checked = accept(running, stream, false)
  if (checked)
    openStream({ exchange, call, leg: running.leg, signal: call.life.signal, bidirectional: false, ...checked })
  return nextVerb
}

/** `<Stop><Stream name>`. */
export function runStop({ call }: Running, streamName: string | undefined): Next {
  for (const stream of call.streams)
    if (!stream.bidirectional && (streamName === undefined || stream.name === streamName)) stream.stop()
  return nextVerb
}

function accept({ call, documentUrl, exchange }: Running, noun: StreamNoun, bidirectional: boolean) {
  const checked = checkStream(noun, bidirectional, documentUrl)
  const place: FaultPlace = checked.kind === 'usable' ? { callSid: call.sid, level: 'warning' } : { callSid: call.sid }
  for (const { code, message } of checked.problems) exchange.faults.add(code, message, place)
  return checked.kind === 'usable' ? { noun, url: checked.url, parameters: checked.parameters } : undefined
}
