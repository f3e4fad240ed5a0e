import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
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

/** Answers a websocket handshake with an ordinary response. */
export function refuseUpgrade(tcp: Socket, status: number, body: string): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  tcp.end([...head, '', body].join('\r\n'))
  tcp.once('end', () => tcp.destroy()).resume()
}
