import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { chunkSizes, cutIntoChunks } from '../chunks.ts'
import type { Clock } from '../clock.ts'
import { createEncoder } from '../encoder.ts'
import { readBody } from '../http-server.ts'
import { incidentsAt } from '../incidents.ts'
import { createPace } from '../pace.ts'
import type { Voice } from '../voice.ts'
import { wavHeader } from '../wav-container.ts'
import type { DeepgramBehaviour } from './behaviour.ts'
import { type Happening, oddFrame } from './incidents.ts'
import type { Journal, SpeechRequest } from './journal.ts'
import { languageOf, modelFacts } from './models.ts'
import type { SpeechSettings } from './query.ts'
import { type ErrorDetail, errorOfStatus, refusal } from './refusals.ts'
import { errorFrame } from './server-frames.ts'
import { judgeSpeechRequest } from './speech-request.ts'

export interface HttpSpeechDependencies {
  readonly clock: Clock
  readonly behaviour: DeepgramBehaviour
  readonly voice: Voice
  readonly models: readonly string[]
  readonly apiKey: string
  readonly journal: Journal
}

const bodyLimitBytes = 2_000_000
const speakPath = '/v1/speak'

/** Answers every request over HTTP: speech at `POST /v1/speak`, 404 for everything else. */
export function createHttpSpeech(deps: HttpSpeechDependencies) {
  const { apiKey, behaviour, clock, journal, models } = deps
  let answering = 0

  async function speech(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const over = new AbortController()
    response.once('close', () => over.abort())
    const arrivedAtMs = clock.now()
    const content = await readBody(request, bodyLimitBytes)
    const asked = { query: url.searchParams, headers: request.headers, content }
    const judged = judgeSpeechRequest(asked, apiKey, models, behaviour)
    const seen = journal.takeRequest(request.url ?? '', judged.body, judged.faults)
    const [incident] = incidentsAt(behaviour.incidents, 'request', seen.number, seen.number)
    if (incident && meet(incident, seen, response)) return
    const { verdict } = judged
    if (!verdict.ok) return refuse(seen, response, verdict.error)
    if (answering >= behaviour.httpConcurrencyLimit) return refuse(seen, response, { code: 'TOO_MANY_REQUESTS' })
    const { settings, text } = verdict
    if (behaviour.httpBody !== 'audio') return sendOther(seen, response, behaviour.httpBody, contentType(settings))
    answering++
    try {
      await speak({ seen, settings, text, response, arrivedAtMs, signal: over.signal })
    } catch {
      // A body that has begun can only break off.
      if (response.headersSent) response.destroy()
      else refuse(seen, response, { code: 'INTERNAL_SERVER_ERROR' })
    } finally {
      answering--
    }
  }

  async function speak(job: {
    readonly seen: SpeechRequest
    readonly settings: SpeechSettings
    readonly text: string
    readonly response: ServerResponse
    readonly arrivedAtMs: number
    readonly signal: AbortSignal
  }): Promise<void> {
    const { seen, settings, text, response, arrivedAtMs, signal } = job
    const { model, speed, format } = settings
    const recorder = journal.record({ connection: 0, request: seen.number, model, speed, text: text.trim() })
    const pieces = deps.voice(text.trim(), { language: languageOf(model), signal })
    const chunks = cutIntoChunks(pieces, chunkSizes(behaviour.chunks, seen.number))
    const encode = createEncoder(format)
    let sent = 0
    for await (const chunk of createPace(clock, behaviour).deliver(chunks, arrivedAtMs, signal)) {
      if (sent++ === 0) begin(seen, settings, text, response)
      response.write(encode(chunk.bytes))
      recorder.add(chunk.bytes)
      const [incident] = incidentsAt(behaviour.incidents, 'body', sent, seen.number)
      if (incident && breakOff(incident, response)) return
    }
    if (signal.aborted) return
    if (sent === 0) begin(seen, settings, text, response)
    response.end()
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    response.on('error', () => {})
    const url = URL.parse(request.url ?? '', 'http://deepgram.invalid')
    if (request.method === 'POST' && url?.pathname === speakPath)
      return void speech(url, request, response).catch(() => response.destroy())
    const { status, body, headers } = refusal({ code: 'NOT_FOUND' }, randomUUID())
    response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(body)
  }
}

function begin(seen: SpeechRequest, settings: SpeechSettings, text: string, response: ServerResponse): void {
  const model = modelFacts(settings.model)
  seen.status = 200
  response.writeHead(200, {
    'content-type': contentType(settings),
    'dg-request-id': randomUUID(),
    'dg-model-name': model.name,
    'dg-model-uuid': model.uuid,
    'dg-char-count': text.length,
  })
  if (settings.container === 'wav') response.write(wavHeader(settings.format))
}

/** `audio/mulaw;rate=8000` is documented; the other raw forms are named after it. */
function contentType({ container, format }: SpeechSettings): string {
  if (container === 'wav') return 'audio/wav'
  const names = { pcm_s16le: 'l16', pcm_f32le: 'l32', pcm_mulaw: 'mulaw', pcm_alaw: 'alaw' }
  return `audio/${names[format.encoding]};rate=${format.sampleRateHz}`
}

function refuse(seen: SpeechRequest, response: ServerResponse, error: ErrorDetail): void {
  const { status, body, headers } = refusal(error, randomUUID())
  seen.status = status
  response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(body)
}

/** Status 200, and no audio. */
function sendOther(
  seen: SpeechRequest,
  response: ServerResponse,
  what: Exclude<DeepgramBehaviour['httpBody'], 'audio'>,
  audioType: string,
): void {
  const json = refusal({ code: 'SERVICE_UNAVAILABLE' }, randomUUID()).body
  const html = '<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>'
  seen.status = 200
  response.writeHead(200, { 'content-type': what === 'json' ? 'application/json' : audioType })
  response.end(what === 'unlabelled-html' ? html : json)
}

/** Something goes wrong before anything is answered. Whether that was all. */
function meet(what: Happening, seen: SpeechRequest, response: ServerResponse): boolean {
  if (what.kind === 'refuse') refuse(seen, response, errorOfStatus(what.status))
  else if (what.kind === 'frame') {
    seen.status = 200
    response.writeHead(200, { 'content-type': 'audio/mulaw;rate=8000' }).end(oddFrame(what.frame, what.bytes))
  } else if (what.kind === 'drop' && what.reset) response.socket?.resetAndDestroy()
  else if (what.kind === 'drop' || what.kind === 'close') response.destroy()
  // What is silent on a socket leaves a request unanswered; what is said on one has no meaning here.
  else return what.kind === 'lose' || what.kind === 'stuck' || what.kind === 'stall' || what.kind === 'freeze'
  return true
}

/** Something goes wrong amid a body. Whether nothing more of it comes. */
function breakOff(what: Happening, response: ServerResponse): boolean {
  if (what.kind === 'frame') response.write(oddFrame(what.frame, what.bytes))
  else if (what.kind === 'error') response.end(errorFrame(what.code, what.message ?? 'An error of the simulation.'))
  else if (what.kind === 'close') response.end()
  else if (what.kind === 'drop') response.socket?.[what.reset ? 'resetAndDestroy' : 'destroy']()
  return !['frame', 'fatal', 'warning', 'refuse'].includes(what.kind)
}
