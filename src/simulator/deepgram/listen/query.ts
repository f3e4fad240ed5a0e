import type { ErrorDetail } from '../refusals.ts'
import type { ListenBehaviour } from './behaviour.ts'
import type { ListenMessageFault } from './client-messages.ts'

export interface ListenSettings {
  readonly model: string
  readonly language: string | undefined
  readonly keyterms: readonly string[]
  readonly interimResults: boolean
  readonly vadEvents: boolean
  /** Silence behind the last word until `speech_final`; `undefined`: never. */
  readonly endpointingMs: number | undefined
  /** Silence until UtteranceEnd; `undefined`: never. */
  readonly utteranceEndMs: number | undefined
  readonly bytesPerMs: number
}

export interface JudgedListenQuery<Settings = ListenSettings> {
  readonly verdict:
    | { readonly ok: true; readonly settings: Settings }
    | { readonly ok: false; readonly error: ErrorDetail }
  readonly faults: readonly ListenMessageFault[]
}

const switches = [
  'interim_results',
  'vad_events',
  'smart_format',
  'punctuate',
  'numerals',
  'multichannel',
  'no_delay',
  'filler_words',
  'mip_opt_out',
]
const repeatable = ['keyterm', 'tag', 'redact']
const single = [
  ...switches,
  'model',
  'encoding',
  'sample_rate',
  'channels',
  'endpointing',
  'utterance_end_ms',
  'language',
  'version',
]
const bytesPerSample = new Map([
  ['mulaw', 1],
  ['alaw', 1],
  ['linear16', 2],
])
const defaultEndpointingMs = 10
const models = /^(?:nova(?:-[23])?|enhanced|base)(?:-[a-z]+)*$/

/** Judges the query of `/v1/listen` (asyncapi.yml). Never throws. */
export function judgeListenQuery(
  query: URLSearchParams,
  behaviour: Pick<ListenBehaviour, 'unknownParameters'>,
): JudgedListenQuery {
  const { faults, refuse, strange, noSuchModel } = beginJudging(query, { single, repeatable }, behaviour)
  if (strange) return strange
  const model = query.get('model') ?? ''
  if (!models.test(model)) return noSuchModel()
  for (const name of switches)
    if (!['true', 'false', null].includes(query.get(name))) return refuse(name, 'true or false')
  // Raw audio has to be described; containers, whose headers say the rest, are left out here.
  const sampleBytes = bytesPerSample.get(query.get('encoding') ?? '')
  if (sampleBytes === undefined) return refuse('encoding', 'mulaw, alaw or linear16')
  const sampleRateHz = Number(query.get('sample_rate'))
  if (!(sampleRateHz >= 8000 && sampleRateHz <= 48_000)) return refuse('sample_rate', '8000 to 48000')
  if ((query.get('channels') ?? '1') !== '1') return refuse('channels', '1')
  const interimResults = query.get('interim_results') === 'true'
  const endpointing = query.get('endpointing') ?? String(defaultEndpointingMs)
  if (!/^(?:\d{1,5}|false)$/.test(endpointing)) return refuse('endpointing', 'milliseconds or false')
  const utteranceEnd = query.get('utterance_end_ms')
  if (utteranceEnd !== null && !(Number(utteranceEnd) >= 1000 && interimResults))
    return refuse('utterance_end_ms', '1000 or more, with interim_results=true')
  const keyterms = query.getAll('keyterm')
  if (keyterms.length > 0 && !model.startsWith('nova-3')) return refuse('keyterm', 'a model that takes it')
  const settings = {
    model,
    language: query.get('language') ?? undefined,
    keyterms,
    interimResults,
    vadEvents: query.get('vad_events') === 'true',
    endpointingMs: endpointing === 'false' ? undefined : Number(endpointing),
    utteranceEndMs: utteranceEnd === null ? undefined : Number(utteranceEnd),
    bytesPerMs: (sampleBytes * sampleRateHz) / 1000,
  }
  return { verdict: { ok: true, settings }, faults }
}

/** What every query of listening is judged by. `strange`: the answer to one with parameters that are not documented. */
export function beginJudging(
  query: URLSearchParams,
  known: { readonly single: readonly string[]; readonly repeatable: readonly string[] },
  behaviour: Pick<ListenBehaviour, 'unknownParameters'>,
) {
  const names = [...query.keys()]
  const unknown = names.filter(
    (name, index) =>
      !known.repeatable.includes(name) && (!known.single.includes(name) || names.indexOf(name) !== index),
  )
  const faults = unknown.map((name): ListenMessageFault => ({ code: 'unknown-parameter', detail: name.slice(0, 40) }))
  const refusal = (error: ErrorDetail): JudgedListenQuery<never> => ({ verdict: { ok: false, error }, faults })

  function bad(parameter: string, error: ErrorDetail): JudgedListenQuery<never> {
    faults.push({ code: 'bad-parameter', detail: parameter })
    return refusal(error)
  }

  return {
    faults,
    strange:
      unknown.length > 0 && behaviour.unknownParameters === 'refuse'
        ? refusal({ code: 'INVALID_QUERY_PARAMETER', message: 'Unexpected query parameter' })
        : undefined,
    noSuchModel: () => bad('model', { code: 'Bad Request', message: 'No such model' }),
    refuse: (parameter: string, expected: string) =>
      bad(parameter, {
        code: 'INVALID_QUERY_PARAMETER',
        message: `Invalid query parameter ${parameter}: expected ${expected}`,
      }),
  }
}
