import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { errorBody } from './error-frames.ts'
import { answerSpeech, type HttpSpeechDependencies } from './http-speech.ts'
import { answerVoices, voiceRoute } from './http-voices.ts'
import type { SpeechEndpoint } from './speech-request.ts'
import { previewedVoice, previewFile } from './voice-preview.ts'

const speechPaths = new Map<string, SpeechEndpoint>([
  ['/text_to_speech', 'whole'],
  ['/text_to_speech/streaming', 'streaming'],
  ['/text_to_speech/with_timestamps', 'timestamps'],
])

/** The status route, text to speech, voices and their previews, and 404s for everything else. */
export function answerHttp(deps: HttpSpeechDependencies, request: IncomingMessage, response: ServerResponse): void {
  const { method, url = '' } = request
  const [path = ''] = url.split('?', 1)
  response.on('error', () => {})
  const giveUp = () => response.destroy()
  const endpoint = method === 'POST' ? speechPaths.get(path) : undefined
  if (endpoint) return void answerSpeech(deps, endpoint, request, response).catch(giveUp)
  const route = voiceRoute(method, path)
  if (route) return void answerVoices(deps, route, request, response).catch(giveUp)
  const write = (status: number, body: string) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  const isRead = method === 'GET' || method === 'HEAD'
  if (isRead && path === '/') return void write(200, JSON.stringify({ status: 'ok', version: 'v1' }))
  if (isRead && path.startsWith('/previews/')) {
    const voiceId = previewedVoice(url, deps.apiKey)
    if (voiceId === undefined || !deps.voices.find(voiceId)) return void write(403, '')
    return void previewFile(deps)
      .then((file) => response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': file.length }).end(file))
      .catch(giveUp)
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
