import { BridgeError } from '../../errors.ts'
import type { Clock } from '../../ops/clock.ts'
import {
  asFailure,
  type AsyncAccountSettings,
  createAsyncHttp,
  jsonOf,
  readWhole,
  watchSilence,
} from './http-client.ts'
import { isRecord, unexpectedAnswer } from './http-errors.ts'
import { readVoice, type Voice } from './voice.ts'
import { checkCloneFile } from './voice-file.ts'

/** What a list is narrowed to. */
export interface VoiceFilter {
  readonly modelId?: string
  readonly language?: string
  readonly accent?: string
  readonly gender?: Gender
  readonly style?: string
  /** Own voices only, or with `false` Async's only. */
  readonly mine?: boolean
}

export type Gender = (typeof genders)[number]
export const genders = ['Male', 'Female', 'Neutral', 'Unspecified'] as const

/** What may be said of an own voice. */
export interface VoiceDescription {
  readonly name?: string
  readonly description?: string
  readonly accent?: string
  readonly gender?: Gender
  readonly style?: string
}

export interface VoicePage {
  readonly voices: readonly Voice[]
  /** Where the next page begins; undefined on the last one. */
  readonly next: string | undefined
}

/** Voices of an Async account. Everything rejects with a BridgeError: `speech.…`, or `voice.invalid` for an id that is none. */
export interface AsyncVoices {
  /** Page by page, to the end. @param pageSize 1 to 100 */
  pages(filter: VoiceFilter, from?: { after?: string | undefined; pageSize?: number }): AsyncIterable<VoicePage>
  /** Those of the ids that exist. */
  batch(voiceIds: readonly string[]): Promise<readonly Voice[]>
  get(voiceId: string): Promise<Voice>
  update(voiceId: string, changes: VoiceDescription): Promise<void>
  remove(voiceId: string): Promise<void>
  /** An audio file, usually a few seconds long. */
  preview(voiceId: string): Promise<Uint8Array>
  /** @throws BridgeError `usage.invalid` for a file that Async would not take */
  clone(
    file: { readonly bytes: Uint8Array; readonly name: string },
    described: VoiceDescription & { readonly name: string; readonly enhance?: boolean },
    progress?: (sentBytes: number, totalBytes: number) => void,
  ): Promise<Voice>
}

/** Real catalogues have some hundred voices; more pages than this are a server that never ends. */
const mostPages = 1000
const cloneSilenceMs = 120_000
const previewMaxBytes = 20 * 1024 * 1024
const previewSilenceMs = 20_000

/** `/voices` of Async's HTTP API (OpenAPI). */
export function createAsyncVoices(settings: AsyncAccountSettings, deps: { clock: Clock }): AsyncVoices {
  const http = createAsyncHttp(settings, deps)

  return {
    async *pages(filter, { after, pageSize = 100 } = {}) {
      const { modelId, mine, ...same } = filter
      const body = { ...same, ...field('model_id', modelId), ...field('my_voice', mine), limit: pageSize }
      const seen = new Set<string | undefined>(['', undefined, after])
      let cursor = after
      for (let count = 0; count < mostPages; count++) {
        const answer = await http.request({
          method: 'POST',
          path: '/voices',
          json: { ...body, ...field('after', cursor) },
        })
        const page = readPage(jsonOf(answer))
        const isLast = seen.has(page.next) || page.voices.length === 0
        yield { voices: page.voices, next: isLast ? undefined : page.next }
        if (isLast) return
        seen.add(page.next)
        cursor = page.next
      }
    },
    async batch(voiceIds) {
      const json = { voice_ids: voiceIds }
      const list = jsonOf(await http.request({ method: 'POST', path: '/voices/batch', json }))
      if (!Array.isArray(list)) throw unexpectedAnswer('list of voices')
      return list.flatMap((one) => readVoice(one) ?? [])
    },
    async get(voiceId) {
      return expectVoice(await http.request({ method: 'GET', path: pathOf(voiceId) }))
    },
    async update(voiceId, changes) {
      await http.request({ method: 'PUT', path: pathOf(voiceId), json: changes })
    },
    async remove(voiceId) {
      await http.request({ method: 'DELETE', path: pathOf(voiceId) })
    },
    async preview(voiceId) {
      const answer = jsonOf(await http.request({ method: 'GET', path: pathOf(voiceId, '/voices/preview/') }))
      return download(signedUrl(answer, settings.url), deps.clock)
    },
    async clone({ bytes, name: fileName }, { enhance, ...described }, progress) {
      checkCloneFile(bytes)
      const form = new FormData()
      form.append('audio', new Blob([new Uint8Array(bytes)]), fileName)
      for (const [name, value] of Object.entries(described)) form.append(name, value)
      if (enhance !== undefined) form.append('enhance', String(enhance))
      const encoded = new Response(form)
      const upload = {
        contentType: encoded.headers.get('content-type') ?? '',
        bytes: new Uint8Array(await encoded.arrayBuffer()),
      }
      const total = upload.bytes.length
      return expectVoice(
        await http.request({
          method: 'POST',
          path: '/voices/clone',
          upload: { ...upload, progress: progress && ((sentBytes) => progress(sentBytes, total)) },
          silenceMs: cloneSilenceMs,
        }),
      )
    },
  }
}

function field(name: string, value: string | boolean | undefined): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value }
}

/** Ids go into a path: what is none must not lead anywhere else. */
function pathOf(voiceId: string, folder = '/voices/'): string {
  if (/^[A-Za-z0-9_-]{1,100}$/.test(voiceId)) return folder + voiceId
  throw new BridgeError('voice.invalid', 'Expected the id of a voice, such as e0f39dc4-f691-4e78-bba5-5c636692cc04.')
}

function readPage(value: unknown): VoicePage {
  if (!isRecord(value) || !Array.isArray(value['voices'])) throw unexpectedAnswer('list of voices')
  const next = value['next_cursor']
  return {
    voices: value['voices'].flatMap((one) => readVoice(one) ?? []),
    next: typeof next === 'string' ? next : undefined,
  }
}

function expectVoice(answer: Uint8Array): Voice {
  const voice = readVoice(jsonOf(answer))
  if (!voice) throw unexpectedAnswer('voice')
  return voice
}

/** https only, unless Async itself is on this machine: then it is an emulator. */
function signedUrl(answer: unknown, asyncUrl: string): string {
  const text = isRecord(answer) ? answer['signed_url'] : undefined
  const url = typeof text === 'string' ? URL.parse(text) : null
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && asyncUrl.startsWith('http:'))))
    throw unexpectedAnswer('address of a preview')
  return url.href
}

/** From wherever the files are kept: without the key. */
async function download(url: string, clock: Clock): Promise<Uint8Array> {
  const watch = watchSilence(clock, previewSilenceMs)
  try {
    const response = await fetch(url, { signal: watch.signal })
    const bytes = await readWhole(response, previewMaxBytes, watch.heard)
    if (!response.ok)
      throw new BridgeError(
        'speech.unavailable',
        `The preview could not be loaded (HTTP ${response.status}). Try again.`,
      )
    return bytes
  } catch (thrown) {
    throw asFailure(thrown, watch.signal.aborted ? previewSilenceMs : undefined)
  } finally {
    watch.stop()
  }
}
