import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBytes } from '../http-server.ts'
import { judgeClone, largestFileBytes, readForm } from './clone-request.ts'
import { type ErrorDetail, errorBody, errorStatus, faultBody } from './error-frames.ts'
import { judgeHeaders } from './http-headers.ts'
import { type HttpSpeechDependencies, meet, send } from './http-speech.ts'
import { incidentsAt } from '../incidents.ts'
import { previewPath } from './voice-preview.ts'
import { type Judged, judgeBatch, judgeList, judgeUpdate, type ListRequest } from './voice-requests.ts'

/** What is done with voices (Async docs, OpenAPI), and on which one. */
export type VoiceRoute = { readonly kind: 'list' | 'batch' | 'clone' } | OneVoiceRoute

interface OneVoiceRoute {
  readonly kind: 'get' | 'update' | 'remove' | 'preview'
  readonly voiceId: string
}

interface Answer {
  readonly status: number
  /** JSON; nothing for 204. */
  readonly body?: unknown
}

const limitBytes = largestFileBytes + 1024 * 1024

export function voiceRoute(method: string | undefined, path: string): VoiceRoute | undefined {
  if (method === 'POST') {
    if (path === '/voices') return { kind: 'list' }
    if (path === '/voices/batch') return { kind: 'batch' }
    if (path === '/voices/clone') return { kind: 'clone' }
    return undefined
  }
  const isRead = method === 'GET' || method === 'HEAD'
  const previewed = /^\/voices\/preview\/([^/]+)$/.exec(path)?.[1]
  if (isRead && previewed !== undefined) return { kind: 'preview', voiceId: decoded(previewed) }
  const named = /^\/voices\/([^/]+)$/.exec(path)?.[1]
  if (named === undefined) return undefined
  const voiceId = decoded(named)
  if (isRead) return { kind: 'get', voiceId }
  if (method === 'PUT') return { kind: 'update', voiceId }
  return method === 'DELETE' ? { kind: 'remove', voiceId } : undefined
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Answers one request about voices. */
export async function answerVoices(
  deps: HttpSpeechDependencies,
  route: VoiceRoute,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { apiKey, behaviour, journal } = deps
  const bytes = await readBytes(request, limitBytes)
  const contentType = request.headers['content-type']
  const form = route.kind === 'clone' && bytes ? await readForm(bytes, contentType) : undefined
  const json = form || !bytes ? undefined : parsed(bytes.toString())
  const hasJson = route.kind === 'batch' || route.kind === 'update' || (route.kind === 'list' && bytes?.length !== 0)
  const headers = judgeHeaders(request.headers, apiKey, behaviour, {
    contentType: hasJson ? 'application/json' : undefined,
    version: route.kind !== 'update' && route.kind !== 'preview',
  })
  const judged: Judged<() => Answer> = headers.error
    ? { error: headers.error, faults: [] }
    : bytes
      ? judge(deps, route, request, { json, isEmpty: bytes.length === 0, form })
      : { error: { code: 'FILE_TOO_LARGE' }, faults: [{ code: 'too-large', detail: 'more than 10 MB' }] }
  const seen = journal.takeVoiceRequest(
    { method: request.method ?? '', path: request.url ?? '', body: form ? form.value : json },
    [...headers.faults, ...judged.faults],
  )
  const refuse = (error: ErrorDetail) => {
    const isFault = error.code === 'INTERNAL_SERVER_ERROR'
    const body = isFault ? faultBody(request, 'none') : errorBody(error, behaviour.httpErrorForm)
    send(seen, response, errorStatus(error), 'application/json', body)
  }
  const [incident] = incidentsAt(behaviour.incidents, 'voices', seen.number, seen.number)
  if (incident) return meet(incident, request, refuse, (odd) => send(seen, response, 200, 'application/json', odd))
  if ('error' in judged) return refuse(judged.error)
  const { status, body } = judged.value()
  if (body !== undefined) return send(seen, response, status, 'application/json', JSON.stringify(body))
  seen.status = status
  response.writeHead(status).end()
}

/** What would be done: nothing is changed before it is called. */
function judge(
  deps: HttpSpeechDependencies,
  route: VoiceRoute,
  request: IncomingMessage,
  body: { json: unknown; isEmpty: boolean; form: Parameters<typeof judgeClone>[0] },
): Judged<() => Answer> {
  const { behaviour, clock, voices } = deps
  if ('voiceId' in route) return judgeOne(deps, route, request, body.json)
  if (route.kind === 'list')
    return then(judgeList(body.json, body.isEmpty), (wanted) => ({ status: 200, body: page(deps, wanted) }))
  if (route.kind === 'batch')
    return then(judgeBatch(body.json), (ids) => ({ status: 200, body: ids.flatMap((id) => voices.find(id) ?? []) }))
  const cloned = voices.matching({ my_voice: true }).length
  return then(judgeClone(body.form, cloned, behaviour), (fields) => {
    const { voice_id: id, name, description, language } = voices.add(fields, new Date(clock.now()))
    return { status: 200, body: { id, name, description, language } }
  })
}

function judgeOne(
  { apiKey, behaviour, clock, voices }: HttpSpeechDependencies,
  { kind, voiceId }: OneVoiceRoute,
  request: IncomingMessage,
  json: unknown,
): Judged<() => Answer> {
  const voice = voices.find(voiceId)
  const notFound: Judged<never> = { error: { code: 'VOICE_NOT_FOUND', extra: { voice_id: voiceId } }, faults: [] }
  if (!voice) return notFound
  if (kind === 'get') return done({ status: 200, body: voice })
  if (kind === 'preview') {
    if (behaviour.previews === 'missing') return { error: { code: 'VOICE_PREVIEW_NOT_FOUND' }, faults: [] }
    return done({ status: 200, body: { signed_url: `http://${request.headers.host}${previewPath(apiKey, voiceId)}` } })
  }
  if (kind === 'update')
    return then(judgeUpdate(json, voice), (changes) => {
      voices.change(voiceId, changes, new Date(clock.now()))
      return { status: 204 }
    })
  // What the service says of a voice that is not one's own is not documented.
  if (voice.voice_type === 'PREDEFINED') return notFound
  return {
    value: () => {
      voices.remove(voiceId)
      return { status: 204 }
    },
    faults: [],
  }
}

const done = (answer: Answer): Judged<() => Answer> => ({ value: () => answer, faults: [] })

function then<T>(judged: Judged<T>, answer: (value: T) => Answer): Judged<() => Answer> {
  return 'error' in judged ? judged : { value: () => answer(judged.value), faults: judged.faults }
}

function page({ behaviour, voices }: HttpSpeechDependencies, { limit, after, ...filter }: ListRequest): unknown {
  const all = voices.matching(filter)
  const start = after === undefined ? 0 : all.findIndex((voice) => voice.voice_id === after) + 1
  // A cursor that leads to no voice of the list begins anew: what the service does is not documented.
  const shown = all.slice(start, start + limit)
  const last = shown.at(-1)?.voice_id ?? after ?? ''
  const isEnd = start + shown.length >= all.length
  return { voices: shown, next_cursor: isEnd && behaviour.lastCursor === 'empty' ? '' : last }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
