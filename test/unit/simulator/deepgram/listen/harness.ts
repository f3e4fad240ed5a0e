import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createSteppedClock, type SteppedClock } from '../../../../../src/simulator/clock.ts'
import type { ListenBehaviour } from '../../../../../src/simulator/deepgram/listen/behaviour.ts'
import { type DeepgramService, startDeepgramService } from '../../../../../src/simulator/deepgram/service.ts'

export const telephony =
  'model=nova-3&encoding=mulaw&sample_rate=8000&interim_results=true&endpointing=300&utterance_end_ms=1000&vad_events=true'

interface Results {
  readonly type: string
  readonly is_final?: boolean
  readonly speech_final?: boolean
  readonly from_finalize?: boolean
  readonly start?: number
  readonly channel?: { readonly alternatives?: readonly { readonly transcript: string }[] }
}

export async function start(listening: Partial<ListenBehaviour> = {}) {
  const clock = createSteppedClock(0)
  const service = await startDeepgramService({ clock, listening })
  onTestFinished(() => service.close())
  return { clock, service, listening: service.listening }
}

export async function ready(behaviour: Partial<ListenBehaviour> = {}, query = telephony) {
  const { clock, service, listening } = await start(behaviour)
  const wire = await connect(clock, service, `/v1/listen?${query}`)
  const frames = () => wire.came.map(({ text }) => JSON.parse(text) as Results)
  return {
    ...wire,
    get ended() {
      return wire.ended
    },
    clock,
    service,
    listening,
    frames,
    /** What was told, in short: an interim as ~, a final as =, with ! at an endpoint; results without words left out. */
    told: () =>
      frames().flatMap((frame) => {
        const text = frame.channel?.alternatives?.[0]?.transcript
        if (frame.type !== 'Results') return [frame.type]
        if (text === undefined || text === '') return []
        return [`${frame.is_final ? '=' : '~'}${text}${frame.speech_final ? '!' : ''}`]
      }),
  }
}

/** A bare websocket, that knows the wire by heart and nothing of the service's code. */
export async function connect(clock: SteppedClock, service: DeepgramService, target: string) {
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}${target}`, {
    headers: { authorization: `Token ${service.apiKey}` },
  })
  onTestFinished(() => socket.terminate())
  const came: { readonly text: string; readonly atMs: number }[] = []
  let ended: { code: number; reason: string } | undefined
  socket.on('message', (data: Buffer) => came.push({ text: data.toString(), atMs: clock.now() }))
  socket.on('close', (code, reason) => {
    ended = { code, reason: reason.toString() }
  })
  await clock.runUntil(
    new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    }),
  )
  return {
    socket,
    came,
    get ended() {
      return ended
    },
    send: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    /** Frames of 20 ms, one after the other, as a phone sends them. */
    audio: async (ms: number) => {
      for (let sent = 0; sent < ms; sent += 20) {
        socket.send(Buffer.alloc(160, 0xff))
        await clock.advance(20)
      }
    },
  }
}

/** The answer to a handshake; an accepted one stays open. */
export async function ask(
  { clock, service }: { readonly clock: SteppedClock; readonly service: DeepgramService },
  target: string,
  authorization = `Token ${service.apiKey}`,
) {
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}${target}`, { headers: { authorization } })
  socket.on('error', () => {})
  return clock.runUntil(
    new Promise<{ status: number; reason: unknown }>((resolve) => {
      socket.once('open', () => resolve({ status: 101, reason: undefined }))
      socket.once('unexpected-response', (_request, response) => {
        resolve({ status: response.statusCode ?? 0, reason: response.headers['dg-error'] })
        response.resume()
      })
    }),
  )
}
