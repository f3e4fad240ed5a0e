import type { IncomingMessage, ServerResponse } from 'node:http'
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
