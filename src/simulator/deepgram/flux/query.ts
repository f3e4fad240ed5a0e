import { beginJudging, type JudgedListenQuery } from '../listen/query.ts'
import type { TurnBehaviour } from './behaviour.ts'

export interface TurnSettings {
  readonly model: string
  readonly languageHints: readonly string[]
  readonly keyterms: readonly string[]
  /** With it EagerEndOfTurn comes. */
  readonly eagerThreshold: number | undefined
  readonly endTimeoutMs: number
  readonly bytesPerMs: number
}

const multilingual = 'flux-general-multi'
const models = ['flux-general-en', multilingual]
const switches = ['numerals', 'profanity_filter', 'mip_opt_out']
const single = [
  ...switches,
  'model',
  'encoding',
  'sample_rate',
  'eot_threshold',
  'eager_eot_threshold',
  'eot_timeout_ms',
]
const repeatable = ['keyterm', 'language_hint', 'tag', 'redact']
const bytesPerSample = new Map([
  ['mulaw', 1],
  ['alaw', 1],
  ['linear16', 2],
  ['linear32', 4],
])
const ratesHz = [8000, 16_000, 24_000, 44_100, 48_000]
const defaultTimeoutMs = 5000

/** The thresholds of a turn, in the query and in Configure, with their ranges. */
export const thresholdRanges: Readonly<Record<string, readonly [least: number, most: number]>> = {
  eot_threshold: [0.5, 1],
  eager_eot_threshold: [0.3, 0.9],
  eot_timeout_ms: [500, 60_000],
}

/** Judges the query of `/v2/listen` (asyncapi.yml, the Flux pages of the docs). Never throws. */
export function judgeTurnQuery(
  query: URLSearchParams,
  behaviour: Pick<TurnBehaviour, 'unknownParameters'>,
): JudgedListenQuery<TurnSettings> {
  const { faults, refuse, strange, noSuchModel } = beginJudging(query, { single, repeatable }, behaviour)
  if (strange) return strange
  const model = query.get('model') ?? ''
  if (!models.includes(model)) return noSuchModel()
  for (const name of switches)
    if (!['true', 'false', null].includes(query.get(name))) return refuse(name, 'true or false')
  const sampleBytes = bytesPerSample.get(query.get('encoding') ?? '')
  if (sampleBytes === undefined) return refuse('encoding', 'mulaw, alaw, linear16 or linear32')
  const rateHz = ratesHz.find((known) => String(known) === query.get('sample_rate'))
  if (rateHz === undefined) return refuse('sample_rate', ratesHz.join(', '))
  for (const [name, [least, most]] of Object.entries(thresholdRanges)) {
    const given = query.get(name)
    if (given !== null && !(given !== '' && Number(given) >= least && Number(given) <= most))
      return refuse(name, `${least} to ${most}`)
  }
  const languageHints = query.getAll('language_hint')
  if (languageHints.includes('') || (languageHints.length > 0 && model !== multilingual))
    return refuse('language_hint', `a language, with ${multilingual}`)
  if (query.getAll('redact').some((what) => !['numbers', 'aggressive_numbers'].includes(what)))
    return refuse('redact', 'numbers or aggressive_numbers')
  const eager = query.get('eager_eot_threshold')
  const settings = {
    model,
    languageHints,
    keyterms: query.getAll('keyterm'),
    eagerThreshold: eager === null ? undefined : Number(eager),
    endTimeoutMs: Number(query.get('eot_timeout_ms') ?? defaultTimeoutMs),
    bytesPerMs: (sampleBytes * rateHz) / 1000,
  }
  return { verdict: { ok: true, settings }, faults }
}
