import { randomUUID } from 'node:crypto'

/** A voice as the API tells it (Async docs, OpenAPI). `language` and `style` are lists with commas. */
export interface VoiceResource {
  readonly voice_id: string
  readonly name: string
  readonly description: string
  readonly language: string
  readonly gender: string
  readonly accent: string
  readonly style: string
  readonly created_at: string
  readonly updated_at: string
  readonly voice_type: 'PREDEFINED' | 'CUSTOM'
}

export type VoiceChanges = Partial<Pick<VoiceResource, 'name' | 'description' | 'gender' | 'style' | 'accent'>>

export interface VoiceFilter {
  readonly language?: string
  readonly accent?: string
  readonly gender?: string
  readonly style?: string
  readonly my_voice?: boolean
}

/** The voices of the account, Async's own and cloned ones, in the order in which they are listed. */
export interface VoiceCatalogue {
  readonly voiceIds: readonly string[]
  find(voiceId: string): VoiceResource | undefined
  matching(filter: VoiceFilter): readonly VoiceResource[]
  add(fields: VoiceChanges & { readonly name: string }, at: Date): VoiceResource
  /** Of a voice that is there. */
  change(voiceId: string, changes: VoiceChanges, at: Date): void
  remove(voiceId: string): void
}

export const sampleVoiceId = 'e0f39dc4-f691-4e78-bba5-5c636692cc04'

const epoch = '2026-01-01T00:00:00Z'
const plain = { description: '', accent: '', style: '', created_at: epoch, updated_at: epoch }
const english = { ...plain, language: 'en', accent: 'American' }

/** Made up, but for the first id, the sample voice of Async's documentation. */
const voices: readonly VoiceResource[] = [
  {
    ...plain,
    voice_id: sampleVoiceId,
    name: 'Emulated voice',
    language: 'en,de,fr,es,it',
    gender: 'Neutral',
    voice_type: 'PREDEFINED',
  },
  ...[
    ['1b8c7a54-0c5e-4f0f-8a53-2f1f6f0f0a01', 'Ada', 'Female', 'calm,narration'],
    ['1b8c7a54-0c5e-4f0f-8a53-2f1f6f0f0a02', 'Basil', 'Male', 'calm'],
    ['1b8c7a54-0c5e-4f0f-8a53-2f1f6f0f0a03', 'Cleo', 'Female', 'lively'],
  ].map(
    ([voice_id = '', name = '', gender = '', style = '']): VoiceResource => ({
      ...english,
      voice_id,
      name,
      gender,
      style,
      voice_type: 'PREDEFINED',
    }),
  ),
  {
    ...plain,
    voice_id: '1b8c7a54-0c5e-4f0f-8a53-2f1f6f0f0a04',
    name: 'Dorothea',
    language: 'de,en',
    gender: 'Female',
    accent: 'German',
    style: 'news',
    voice_type: 'PREDEFINED',
  },
  ...['7d9f3c10-5b1e-4a9c-9c3b-6a1e2d3c4b01', '7d9f3c10-5b1e-4a9c-9c3b-6a1e2d3c4b02'].map(
    (voice_id, index): VoiceResource => ({
      ...english,
      voice_id,
      name: `My voice ${index + 1}`,
      gender: 'Unspecified',
      voice_type: 'CUSTOM',
    }),
  ),
]

const sameWord = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()
const isInList = (list: string, word: string) => list.split(',').some((entry) => sameWord(entry.trim(), word))

/** @param voiceIds instead of the catalogue: voices of which nothing but the id is known */
export function createVoiceCatalogue(voiceIds?: readonly string[]): VoiceCatalogue {
  const [unnamed] = voices
  let all: readonly VoiceResource[] =
    voiceIds && unnamed ? voiceIds.map((voice_id) => ({ ...unnamed, voice_id })) : voices

  return {
    get voiceIds() {
      return all.map((voice) => voice.voice_id)
    },
    find: (voiceId) => all.find((voice) => voice.voice_id === voiceId),
    matching: ({ language, accent, gender, style, my_voice: mine }) =>
      all.filter(
        (voice) =>
          (language === undefined || isInList(voice.language, language)) &&
          (accent === undefined || sameWord(voice.accent, accent)) &&
          (gender === undefined || voice.gender === gender) &&
          (style === undefined || isInList(voice.style, style)) &&
          (mine === undefined || (voice.voice_type === 'CUSTOM') === mine),
      ),
    add(fields, at) {
      const now = at.toISOString()
      const voice: VoiceResource = {
        ...plain,
        gender: 'Unspecified',
        language: 'en',
        ...fields,
        voice_id: randomUUID(),
        created_at: now,
        updated_at: now,
        voice_type: 'CUSTOM',
      }
      all = [...all, voice]
      return voice
    },
    change(voiceId, changes, at) {
      all = all.map((voice) =>
        voice.voice_id === voiceId ? { ...voice, ...changes, updated_at: at.toISOString() } : voice,
      )
    },
    remove(voiceId) {
      all = all.filter((voice) => voice.voice_id !== voiceId)
    },
  }
}
