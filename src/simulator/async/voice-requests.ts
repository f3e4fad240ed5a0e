import { isRecord, type MessageFault, unknownFields } from './client-messages.ts'
import type { ErrorDetail } from './error-frames.ts'
import type { VoiceChanges, VoiceFilter, VoiceResource } from './voice-catalogue.ts'

/** What a request asks for, or why it is refused. Faults may stand beside either. */
export type Judged<T> = { readonly faults: MessageFault[] } & ({ readonly value: T } | { readonly error: ErrorDetail })

export interface ListRequest extends VoiceFilter {
  readonly limit: number
  readonly after: string | undefined
}

const listFields = ['limit', 'model_id', 'language', 'accent', 'gender', 'style', 'my_voice', 'after'] as const
const genders = ['Male', 'Female', 'Neutral', 'Unspecified']
const changeable = ['name', 'description', 'gender', 'style', 'accent'] as const

function refuse(faults: MessageFault[], code: MessageFault['code'], detail: string): Judged<never> {
  return { error: { code: 'INVALID_REQUEST' }, faults: [...faults, { code, detail }] }
}

/** `POST /voices`. All fields are optional, and so is the body (n8n sends none). */
export function judgeList(body: unknown, isEmpty: boolean): Judged<ListRequest> {
  if (isEmpty) return { value: { limit: 10, after: undefined }, faults: [] }
  if (!isRecord(body)) return refuse([], 'not-json', 'one JSON object')
  const faults = unknownFields(body, listFields)
  const { limit = 10, my_voice: mine } = body
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > 100)
    return refuse(faults, 'wrong-type', 'limit is from 1 to 100')
  if (mine !== undefined && typeof mine !== 'boolean') return refuse(faults, 'wrong-type', 'my_voice is a boolean')
  const words: Partial<Record<'model_id' | 'language' | 'accent' | 'gender' | 'style' | 'after', string>> = {}
  for (const name of ['model_id', 'language', 'accent', 'gender', 'style', 'after'] as const) {
    const value = body[name]
    if (value === undefined) continue
    if (typeof value !== 'string') return refuse(faults, 'wrong-type', `${name} is a string`)
    words[name] = value
  }
  const { model_id: _allVoicesWorkWithAnyModel, after, ...filter } = words
  if (filter.gender !== undefined && !genders.includes(filter.gender))
    return refuse(faults, 'wrong-type', `gender is one of ${genders.join(', ')}`)
  return { value: { ...filter, limit, after, ...(mine === undefined ? {} : { my_voice: mine }) }, faults }
}

/** `POST /voices/batch`. */
export function judgeBatch(body: unknown): Judged<readonly string[]> {
  if (!isRecord(body)) return refuse([], 'not-json', 'one JSON object')
  const faults = unknownFields(body, ['voice_ids'])
  const { voice_ids: ids } = body
  if (ids === undefined) return refuse(faults, 'missing-field', 'voice_ids')
  if (!Array.isArray(ids)) return refuse(faults, 'wrong-type', 'voice_ids is a list')
  const strings = ids.filter((id) => typeof id === 'string')
  if (strings.length < ids.length) return refuse(faults, 'wrong-type', 'voice_ids is a list of strings')
  return { value: strings, faults }
}

/** `PUT /voices/{id}`: own voices only, and only what they are called and described by. */
export function judgeUpdate(body: unknown, voice: VoiceResource): Judged<VoiceChanges> {
  if (!isRecord(body)) return refuse([], 'not-json', 'one JSON object')
  const faults = unknownFields(body, changeable)
  const [forbidden] = voice.voice_type === 'PREDEFINED' ? Object.keys(body) : faults.map((fault) => fault.detail)
  if (forbidden !== undefined)
    return { error: { code: 'VOICE_FIELD_UPDATE_NOT_ALLOWED', extra: { field: forbidden } }, faults }
  const changes: { -readonly [K in keyof VoiceChanges]: VoiceChanges[K] } = {}
  for (const name of changeable) {
    const value = body[name]
    if (value === undefined) continue
    if (typeof value !== 'string') return refuse(faults, 'wrong-type', `${name} is a string`)
    changes[name] = value
  }
  if (changes.gender !== undefined && !genders.includes(changes.gender))
    return refuse(faults, 'wrong-type', `gender is one of ${genders.join(', ')}`)
  return { value: changes, faults }
}
