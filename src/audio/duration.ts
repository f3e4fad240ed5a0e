import { sampleRateHz } from './mulaw.ts'

const bytesPerMs = sampleRateHz / 1000

/** Milliseconds of sound in mu-law bytes. */
export function bytesToMs(audioBytes: number): number {
  return audioBytes / bytesPerMs
}

/** mu-law bytes that sound for `ms`, whole. */
export function msToBytes(ms: number): number {
  return Math.round(ms * bytesPerMs)
}

/** How many bytes a base64 string decodes to, padded or not, without decoding it. Always a whole number. */
export function base64Bytes(payload: string): number {
  const padding = payload.endsWith('==') ? 2 : payload.endsWith('=') ? 1 : 0
  return Math.floor(((payload.length - padding) * 3) / 4)
}
