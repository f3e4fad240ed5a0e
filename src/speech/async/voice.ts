import { isRecord } from './http-errors.ts'

/** A voice as Async tells it (OpenAPI), its comma lists taken apart. What it leaves out is empty. */
export interface Voice {
  readonly voiceId: string
  readonly name: string
  readonly description: string
  readonly languages: readonly string[]
  readonly gender: string
  readonly accent: string
  readonly styles: readonly string[]
  /** ISO 8601. */
  readonly createdAt: string
  readonly updatedAt: string
  /** `predefined` is Async's own, `custom` belongs to the account. */
  readonly type: 'predefined' | 'custom' | 'unknown'
}

/** Undefined for what is no voice: it has no id. */
export function readVoice(value: unknown): Voice | undefined {
  if (!isRecord(value)) return undefined
  const text = (name: string) => (typeof value[name] === 'string' ? value[name] : '')
  // A voice that was just cloned is told as `id`.
  const voiceId = text('voice_id') || text('id')
  if (voiceId === '') return undefined
  const type = text('voice_type').toLowerCase()
  return {
    voiceId,
    name: text('name'),
    description: text('description'),
    languages: words(text('language')),
    gender: text('gender'),
    accent: text('accent'),
    styles: words(text('style')),
    createdAt: text('created_at'),
    updatedAt: text('updated_at'),
    type: type === 'predefined' || type === 'custom' ? type : 'unknown',
  }
}

function words(list: string): readonly string[] {
  return list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
