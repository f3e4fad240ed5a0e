import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { ListenBehaviour } from '../../../../../src/simulator/async/listen/behaviour.ts'
import { startAsyncService } from '../../../../../src/simulator/async/service.ts'
import { createSteppedClock } from '../../../../../src/simulator/clock.ts'

/** Without the key. */
export const speech = 'model_id=async_asr_v1.0&sample_rate=16000'

export async function start(listening: Partial<ListenBehaviour> = {}) {
  const clock = createSteppedClock(0)
  const service = await startAsyncService({ clock, listening })
  onTestFinished(() => service.close())
  return { clock, service, listening: service.listening }
}

/** A bare websocket, that knows the wire by heart and nothing of the service's code; open, or refused with a status. */
export async function dial(
  { clock, service }: Awaited<ReturnType<typeof start>>,
  query = speech,
  key: string = service.apiKey,
) {
  const url = `${service.url.replace('http', 'ws')}/speech_to_text/stream?api_key=${key}&${query}`
  const socket = new WebSocket(url)
  onTestFinished(() => socket.terminate())
  const came: { readonly text: string; readonly atMs: number }[] = []
  let endedWith: number | undefined
  socket.on('error', () => {})
  socket.on('message', (data: Buffer) => came.push({ text: data.toString(), atMs: clock.now() }))
  socket.on('close', (code) => {
    endedWith = code
  })
  const status = await clock.runUntil(
    new Promise<number>((resolve) => {
      socket.once('open', () => resolve(101))
      socket.once('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0)
        response.resume()
      })
    }),
  )
  await clock.advance(0)
  return {
    socket,
    status,
    came,
    frames: () => came.map(({ text }): unknown => JSON.parse(text)),
    get endedWith() {
      return endedWith
    },
    send: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    /** Frames of 250 ms, one after the other. */
    audio: async (ms: number) => {
      for (let sent = 0; sent < ms; sent += 250) {
        socket.send(Buffer.alloc(8000))
        await clock.advance(250)
      }
    },
  }
}

export async function ready(behaviour: Partial<ListenBehaviour> = {}) {
  const stage = await start(behaviour)
  return Object.assign(await dial(stage), { clock: stage.clock, service: stage.service, listening: stage.listening })
}
