import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { note } from '../call.ts'
import { newSid } from '../identifiers.ts'
import { later } from '../../waiting.ts'
import { openMediaSocket } from './handshake.ts'
import { runStream, type RunningStream } from './run-stream.ts'
import type { SimulatedStream, StreamEnd } from './simulated-stream.ts'
import type { StreamOptions } from './stream-options.ts'
import { reportStream } from './stream-status.ts'

/** Opens the media socket and runs the stream on it. `ended` resolves once, and never rejects. */
export function openStream(options: StreamOptions): { stream: SimulatedStream; ended: Promise<StreamEnd> } {
  const stream = prepare(options)
  options.call.streams.push(stream.view)
  const ended = stream.run()
  if (options.bidirectional && options.exchange.behaviour.streamOpening === 'twice') {
    // The same request once more, as a replay would come: it has a streamSid of its own, and nothing waits for it.
    const second = prepare(options)
    options.call.streams.push(second.view)
    void ended.then(() => second.view.stop())
    later(options.exchange.clock, 50, options.signal, () => void second.run())
  }
  return { stream: stream.view, ended }
}

function prepare(options: StreamOptions) {
  const { bidirectional, call, exchange, noun, parameters, signal, url } = options
  const { clock, faults } = exchange
  const sid = newSid('MZ')
  const stopping = new AbortController()
  const either = AbortSignal.any([signal, stopping.signal])
  let running: RunningStream | undefined
  let failedAtMs: number | undefined

  const view: SimulatedStream = {
    sid,
    callSid: call.sid,
    name: noun.name ?? sid,
    url,
    parameters,
    bidirectional,
    get openedAtMs() {
      return running?.openedAtMs
    },
    get closedAtMs() {
      return running ? running.closedAtMs : failedAtMs
    },
    get closeCode() {
      return running?.closeCode
    },
    get framesSent() {
      return running?.framesSent ?? 0
    },
    get messagesReceived() {
      return running?.messagesReceived ?? 0
    },
    stop: () => stopping.abort(),
    lose: () => running?.lose(),
    freeze: () => running?.freeze(),
    pauseReading: () => running?.pauseReading(),
    resumeReading: () => running?.resumeReading(),
    sendRaw: (text) => running?.sendRaw(text),
  }

  const started = (socket: WebSocket, tcp: Socket | undefined) => {
    note(call, clock.now(), 'stream started')
    running = runStream({ ...options, signal: either, streamSid: sid, socket, tcp })
    reportStream(exchange, call, noun, sid, 'stream-started')
  }

  return {
    view,
    async run(): Promise<StreamEnd> {
      const handshake = await openMediaSocket(exchange, url, either, started)
      if (handshake.kind === 'open') return running ? running.ended : 'stopped'
      failedAtMs = clock.now()
      if (handshake.kind === 'cancelled') return 'stopped'
      note(call, clock.now(), `stream failed: ${handshake.code}`)
      faults.add(handshake.code, handshake.message, { callSid: call.sid, streamSid: sid })
      reportStream(exchange, call, noun, sid, 'stream-error', `${handshake.code}: ${handshake.message}`)
      return 'failed'
    },
  }
}
