import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createSteppedClock } from '../../../../../src/simulator/clock.ts'
import type { ListenBehaviour } from '../../../../../src/simulator/deepgram/listen/behaviour.ts'
import { startDeepgramService } from '../../../../../src/simulator/deepgram/service.ts'

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

/** A bare websocket, that knows the wire by heart and nothing of the service's code. */
export async function ready(behaviour: Partial<ListenBehaviour> = {}, query = telephony) {
  const { clock, service, listening } = await start(behaviour)
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/v1/listen?${query}`, {
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
  const frames = () => came.map(({ text }) => JSON.parse(text) as Results)
  return {
    clock,
    service,
    listening,
    socket,
    came,
    frames,
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
