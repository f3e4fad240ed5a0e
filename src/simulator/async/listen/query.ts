import type { ErrorDetail } from '../error-frames.ts'
import { documentedModels } from '../init.ts'
import type { ListenBehaviour } from './behaviour.ts'
import type { ListenMessageFault } from './client-messages.ts'

export interface ListenSettings {
  readonly model: string
  readonly language: string | undefined
  readonly sampleRateHz: number
}

export interface JudgedListenQuery {
  readonly verdict:
    | { readonly ok: true; readonly settings: ListenSettings }
    | { readonly ok: false; readonly error: ErrorDetail }
  readonly faults: readonly ListenMessageFault[]
}

const names = ['api_key', 'model_id', 'sample_rate', 'language']
/** Async docs, Models page: the only model, its rate, and the languages, which are those of the older voices. */
const asrModel = 'async_asr_v1.0'
const sampleRateHz = 16_000
const languages = documentedModels['async_flash_v1.0'] ?? []

/** Judges the query of `/speech_to_text/stream` but for its key. Never throws. */
export function judgeListenQuery(
  query: URLSearchParams,
  behaviour: Pick<ListenBehaviour, 'unknownParameters'>,
): JudgedListenQuery {
  const given = [...query.keys()]
  const strange = given.filter((name, index) => !names.includes(name) || given.indexOf(name) !== index)
  const faults = strange.map((name): ListenMessageFault => ({ code: 'unknown-parameter', detail: name.slice(0, 40) }))
  const refuse = (parameter: string, error: ErrorDetail): JudgedListenQuery => ({
    verdict: { ok: false, error },
    faults: [...faults, { code: 'bad-parameter', detail: parameter }],
  })
  if (strange.length > 0 && behaviour.unknownParameters === 'refuse')
    return { verdict: { ok: false, error: { code: 'INVALID_REQUEST' } }, faults }
  const model = query.get('model_id')
  if (model !== asrModel) return refuse('model_id', { code: 'MODEL_NOT_FOUND' })
  if (query.get('sample_rate') !== String(sampleRateHz)) return refuse('sample_rate', { code: 'FORMAT_NOT_RECOGNIZED' })
  const language = query.get('language') ?? undefined
  if (language !== undefined && !languages.includes(language)) return refuse('language', { code: 'INVALID_LANGUAGE' })
  return { verdict: { ok: true, settings: { model, language, sampleRateHz } }, faults }
}
