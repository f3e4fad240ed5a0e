import type { SampleFormat } from '../encoder.ts'
import type { DeepgramBehaviour } from './behaviour.ts'
import type { MessageFault } from './client-messages.ts'
import type { ErrorDetail } from './refusals.ts'

export interface SpeechSettings {
  readonly model: string
  readonly format: SampleFormat
  readonly speed: number
  readonly container: 'wav' | 'none'
}

export interface JudgedQuery {
  readonly verdict:
    | { readonly ok: true; readonly settings: SpeechSettings }
    | { readonly ok: false; readonly error: ErrorDetail }
  readonly faults: readonly MessageFault[]
}

/** What one way of asking for speech takes. */
export interface Endpoint {
  readonly parameters: readonly string[]
  readonly defaultEncoding: string
  readonly containers: readonly string[]
  readonly defaultContainer: 'wav' | 'none'
}

/** The websocket (asyncapi.yml). `container=none` is in no API file, but samples of Deepgram's send it. */
export const websocketEndpoint: Endpoint = {
  parameters: ['model', 'encoding', 'sample_rate', 'speed', 'mip_opt_out', 'container'],
  defaultEncoding: 'linear16',
  containers: ['none'],
  defaultContainer: 'none',
}

/** `POST /v1/speak` (openapi.yml), without `callback`: its answer would be no audio. */
export const restEndpoint: Endpoint = {
  parameters: ['model', 'encoding', 'container', 'sample_rate', 'bit_rate', 'speed', 'tag', 'mip_opt_out'],
  defaultEncoding: 'mp3',
  containers: ['wav', 'none'],
  defaultContainer: 'wav',
}

const encodings = new Map<string, SampleFormat['encoding']>([
  ['linear16', 'pcm_s16le'],
  ['mulaw', 'pcm_mulaw'],
  ['alaw', 'pcm_alaw'],
])
const linearRatesHz = [8000, 16_000, 24_000, 32_000, 48_000]
const companded = { ratesHz: [8000, 16_000], defaultHz: 8000 }
const defaultModel = 'aura-asteria-en'
const defaultLinearHz = 24_000
const [slowest, fastest] = [0.7, 1.5]

/** Judges the query of a socket or a request. Never throws. */
export function judgeQuery(
  query: URLSearchParams,
  endpoint: Endpoint,
  models: readonly string[],
  behaviour: Readonly<DeepgramBehaviour>,
): JudgedQuery {
  const faults: MessageFault[] = []
  const refuse = (error: ErrorDetail, parameter?: string): JudgedQuery => {
    if (parameter !== undefined) faults.push({ code: 'bad-parameter', detail: parameter })
    return { verdict: { ok: false, error }, faults }
  }
  const invalid = (parameter: string, expected: string) =>
    refuse(
      { code: 'INVALID_QUERY_PARAMETER', message: `Invalid query parameter ${parameter}: expected ${expected}` },
      parameter,
    )

  const names = [...query.keys()]
  const strange = names.filter((name, index) => !endpoint.parameters.includes(name) || names.indexOf(name) !== index)
  for (const name of strange) faults.push({ code: 'unknown-parameter', detail: name.slice(0, 40) })
  const [first] = strange
  if (first !== undefined && behaviour.unknownParameters === 'refuse')
    return refuse({ code: 'INVALID_QUERY_PARAMETER', message: `Unexpected query parameter ${printable(first)}` })

  const model = query.get('model') ?? defaultModel
  if (!models.includes(model)) return refuse({ code: 'Bad Request', message: 'No such model' }, 'model')
  const encoding = encodings.get(query.get('encoding') ?? endpoint.defaultEncoding)
  if (!encoding)
    return refuse({ code: 'UNSUPPORTED_AUDIO_FORMAT', message: 'Unsupported audio format: encoding' }, 'encoding')
  const container = endpoint.containers.find((known) => known === (query.get('container') ?? endpoint.defaultContainer))
  if (container === undefined)
    return refuse({ code: 'UNSUPPORTED_AUDIO_FORMAT', message: 'Unsupported audio format: container' }, 'container')
  const linear = encoding === 'pcm_s16le'
  const ratesHz = linear ? linearRatesHz : companded.ratesHz
  const rate = query.get('sample_rate') ?? String(linear ? defaultLinearHz : companded.defaultHz)
  const sampleRateHz = ratesHz.find((known) => String(known) === rate)
  if (sampleRateHz === undefined)
    return refuse({ code: 'UNSUPPORTED_AUDIO_FORMAT', message: 'Unsupported audio format: sample_rate' }, 'sample_rate')
  const speed = Number(query.get('speed') ?? '1')
  if (!(speed >= slowest && speed <= fastest)) return invalid('speed', `${slowest} to ${fastest}`)
  const optOut = query.get('mip_opt_out') ?? 'false'
  if (optOut !== 'true' && optOut !== 'false') return invalid('mip_opt_out', 'true or false')
  const settings = {
    model,
    format: { encoding, sampleRateHz },
    speed,
    container: container === 'wav' ? 'wav' : 'none',
  } as const
  return { verdict: { ok: true, settings }, faults }
}

/** As it may stand in a header. */
function printable(text: string): string {
  return text.slice(0, 40).replace(/[^\x21-\x7e]/g, '?')
}
