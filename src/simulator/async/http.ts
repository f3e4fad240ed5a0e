import type { IncomingMessage, ServerResponse } from 'node:http'
import { errorBody } from './error-frames.ts'
import { answerSpeech, type HttpSpeechDependencies } from './http-speech.ts'
import { answerVoice } from './http-voice.ts'
import type { SpeechEndpoint } from './speech-request.ts'

const speechPaths = new Map<string, SpeechEndpoint>([
  ['/text_to_speech', 'whole'],
  ['/text_to_speech/streaming', 'streaming'],
  ['/text_to_speech/with_timestamps', 'timestamps'],
])

/** The status route, text to speech, one voice, and 404s for everything else. */
export function answerHttp(deps: HttpSpeechDependencies, request: IncomingMessage, response: ServerResponse): void {
  const [path = ''] = (request.url ?? '').split('?', 1)
  const endpoint = request.method === 'POST' ? speechPaths.get(path) : undefined
  if (endpoint) {
    response.on('error', () => {})
    return void answerSpeech(deps, endpoint, request, response).catch(() => response.destroy())
  }
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  const write = (status: number, body: string) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  if (isRead && path === '/') return void write(200, JSON.stringify({ status: 'ok', version: 'v1' }))
  const voiceId = /^\/voices\/([^/]+)$/.exec(path)?.[1]
  if (isRead && voiceId !== undefined) {
    const { status, body } = answerVoice(deps, request, voiceId)
    return void write(status, body)
  }
  write(404, errorBody({ code: 'NOT_FOUND' }, deps.behaviour.httpErrorForm))
}
