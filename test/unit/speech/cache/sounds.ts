import { createHash } from 'node:crypto'
import type { Audio } from '../../../../src/speech/cache/audio.ts'

/** A key such as the cache makes, for a number. */
export const keyFor = (name: number | string): string => createHash('sha256').update(String(name)).digest('hex')

/** Sound that tells by each byte which key it belongs to, in chunks of odd sizes. */
export function soundOf(name: number | string, bytes = 3000): Audio {
  const level = createHash('sha256').update(`sound of ${name}`).digest()
  const whole = Buffer.alloc(bytes, level)
  const chunks: { payload: string; audioBytes: number }[] = []
  for (let at = 0, size = 7; at < bytes; at += size, size = size * 2 + 1) {
    const part = whole.subarray(at, at + size)
    chunks.push({ payload: part.toString('base64'), audioBytes: part.length })
  }
  return chunks
}
