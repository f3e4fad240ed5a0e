import { randomUUID } from 'node:crypto'
import type { WebSocket } from 'ws'

/** What the floors say to Async and read of it: as little as there can be. */
export const plain = { perMessageDeflate: false } as const

export const init = JSON.stringify({
  model_id: 'async_flash_v1.5',
  voice: { mode: 'id', id: 'e0f39dc4-f691-4e78-bba5-5c636692cc04' },
  output_format: { container: 'raw', encoding: 'pcm_mulaw', sample_rate: 8000 },
})

export function say(speech: WebSocket, sentence: number): void {
  const context = randomUUID()
  speech.send(JSON.stringify({ transcript: `This is sentence ${sentence}. `, context_id: context, force: true }))
  speech.send(JSON.stringify({ transcript: '', context_id: context }))
}

export interface SpeechMessage {
  readonly audio: string
  readonly final: boolean
}
export interface PhoneMessage {
  readonly event: string
  readonly streamSid: string
  readonly media: { readonly payload: string }
}
export const readSpeech: (text: string) => SpeechMessage = JSON.parse
export const readPhone: (text: string) => PhoneMessage = JSON.parse

export const text = (data: unknown) => (Buffer.isBuffer(data) ? data.toString() : '')

const media = '{"event":"media"'
/** Sound of the phone, by the first bytes of the message. */
export const isMedia = (data: unknown) => Buffer.isBuffer(data) && data.toString('latin1', 0, media.length) === media

export const mediaFrame = (streamSid: string, audio: string) =>
  `{"event":"media","streamSid":"${streamSid}","media":{"payload":"${audio}"}}`
