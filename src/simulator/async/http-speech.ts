import type { IncomingMessage, ServerResponse } from 'node:http'
import { bytesToMs } from '../../audio/duration.ts'
import { type Clock, holdIfStepped } from '../clock.ts'
import { readBody } from '../http-server.ts'
import type { Voice } from '../voice.ts'
import { wait } from '../waiting.ts'
import { speakAligned } from './alignment.ts'
import type { AsyncBehaviour } from './behaviour.ts'
import { createEncoder } from '../encoder.ts'
import { incidentsAt } from '../incidents.ts'
import { chunkSizes, cutIntoChunks } from '../chunks.ts'
import { type ErrorDetail, errorBody, errorStatus, faultBody } from './error-frames.ts'
import { type Happening, oddFrame } from './incidents.ts'
import type { Catalogue } from './init.ts'
import type { Journal, SpeechRequest } from './journal.ts'
import { judgeSpeechRequest, type SpeechEndpoint, type SpeechVerdict } from './speech-request.ts'
import { sendBody } from './streamed-body.ts'
import { synthesise } from './synthesis.ts'
import type { VoiceCatalogue } from './voice-catalogue.ts'
import { wavHeader } from '../wav-container.ts'

export interface HttpSpeechDependencies {
  readonly clock: Clock
  readonly behaviour: AsyncBehaviour
  readonly voice: Voice
  readonly catalogue: Catalogue
  readonly voices: VoiceCatalogue
  readonly apiKey: string
  readonly journal: Journal
  /** Takes one of the places that requests and sockets share, or tells why there is none. */
  readonly enter: () => ErrorDetail | { readonly leave: () => void }
}

type Accepted = Extract<SpeechVerdict, { ok: true }>

const bodyLimitBytes = 1024 * 1024

/** Answers one request for speech over HTTP: as it is made, whole, or with the times of its words (OpenAPI). */
export async function answerSpeech(
  deps: HttpSpeechDependencies,
  endpoint: SpeechEndpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { apiKey, behaviour, catalogue, clock, journal } = deps
  const over = new AbortController()
  response.once('close', () => over.abort())
  const arrivedAtMs = clock.now()
  const text = await readBody(request, bodyLimitBytes)
  const judged = judgeSpeechRequest(endpoint, { headers: request.headers, text }, apiKey, catalogue, behaviour)
  const seen = journal.takeRequest(request.url ?? '', judged.body, judged.faults)
  const refuse = (error: ErrorDetail) => {
    const body =
      error.code === 'INTERNAL_SERVER_ERROR' ? faultBody(request, 'none') : errorBody(error, behaviour.httpErrorForm)
    send(seen, response, errorStatus(error), 'application/json', body)
  }
  const [incident] = incidentsAt(behaviour.incidents, 'request', seen.number, seen.number)
  if (incident) return meet(incident, request, refuse, (json) => send(seen, response, 200, 'application/json', json))
  if (!judged.verdict.ok) return refuse(judged.verdict.error)
  const place = deps.enter()
  if ('code' in place) return refuse(place)
  try {
    const audioType = typeOf(endpoint, judged.verdict)
    if (behaviour.httpBody !== 'audio' && endpoint !== 'timestamps') {
      const type = behaviour.httpBody === 'json' ? 'application/json' : audioType
      send(seen, response, 200, type, errorBody({ code: 'USAGE_LIMIT_EXCEEDED' }, behaviour.httpErrorForm))
    } else if (endpoint === 'streaming') await stream(deps, seen, judged.verdict, response, arrivedAtMs, over.signal)
    else await answerWhole(deps, seen, endpoint, judged.verdict, response, over.signal)
  } catch (error) {
    fail(seen, request, response, error)
  } finally {
    place.leave()
  }
}

/** Something goes wrong before anything is answered. */
export function meet(
  what: Happening,
  request: IncomingMessage,
  refuse: (error: ErrorDetail) => void,
  sendJson: (json: string | Uint8Array) => void,
): void {
  if (what.kind === 'error') refuse(what)
  else if (what.kind === 'frame') sendJson(oddFrame(what.frame, 'none', what.bytes))
  else if (what.kind === 'drop' && what.reset) request.socket.resetAndDestroy()
  else if (what.kind === 'drop' || what.kind === 'close') request.socket.destroy()
}

async function stream(
  { behaviour, clock, journal, voice }: HttpSpeechDependencies,
  seen: SpeechRequest,
  { settings, transcript }: Accepted,
  response: ServerResponse,
  arrivedAtMs: number,
  signal: AbortSignal,
): Promise<void> {
  const recorder = journal.record({ connection: 0, contextId: `request-${seen.number}`, transcript })
  const pieces = synthesise(voice, transcript, { ...languageOf(settings.language), signal })
  let chunk = 0
  await sendBody({
    clock,
    behaviour,
    response,
    chunks: cutIntoChunks(pieces, chunkSizes(behaviour.chunks, seen.number)),
    encode: createEncoder(settings.output),
    arrivedAtMs,
    signal,
    begin: () => {
      seen.status = 200
      response.writeHead(200, { 'content-type': 'application/octet-stream' })
    },
    sent: (mulaw) => {
      recorder.add(mulaw)
      const [incident] = incidentsAt(behaviour.incidents, 'body', ++chunk, seen.number)
      if (incident?.kind === 'drop') response.socket?.[incident.reset ? 'resetAndDestroy' : 'destroy']()
      return incident === undefined || incident.kind === 'error' || incident.kind === 'frame'
    },
  })
}

async function answerWhole(
  { behaviour, clock, journal, voice }: HttpSpeechDependencies,
  seen: SpeechRequest,
  endpoint: SpeechEndpoint,
  accepted: Accepted,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const { settings, transcript } = accepted
  const recorder = journal.record({ connection: 0, contextId: `request-${seen.number}`, transcript })
  const release = holdIfStepped(clock)
  const spoken = speakAligned(voice, transcript, { ...languageOf(settings.language), signal })
  const { alignment, audio } = await spoken.finally(release)
  const neededMs = behaviour.firstAudioDelayMs + bytesToMs(audio.length) / behaviour.deliveryRate
  if (!(await wait(clock, neededMs, signal))) return
  recorder.add(audio)
  const samples = createEncoder(settings.output)(audio)
  const file =
    settings.output.container === 'wav' ? Buffer.concat([wavHeader(settings.output, samples.length), samples]) : samples
  const told = { audio_base64: Buffer.from(file).toString('base64'), alignment }
  send(seen, response, 200, typeOf(endpoint, accepted), endpoint === 'timestamps' ? JSON.stringify(told) : file)
}

function languageOf(language: string | undefined): { language?: string } {
  return language === undefined ? {} : { language }
}

function typeOf(endpoint: SpeechEndpoint, { settings }: Accepted): string {
  if (endpoint === 'timestamps') return 'application/json'
  if (endpoint === 'streaming') return 'application/octet-stream'
  return settings.output.container === 'wav' ? 'audio/wav' : 'audio/pcm'
}

/** A body that has begun can only break off; one that has not is a 500, which has a form of its own (OpenAPI). */
function fail(seen: SpeechRequest, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void request.socket.destroy()
  const detail = error instanceof Error ? error.message : String(error)
  send(seen, response, 500, 'application/json', faultBody(request, detail))
}

export function send(
  seen: SpeechRequest,
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
): void {
  seen.status = status
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
