import { createHash } from 'node:crypto'
import type { Audio, Chunk } from './audio.ts'

/**
 * One rendered utterance as a file, all numbers little-endian:
 *
 *   8 bytes  `cbspeech`; 1 byte the version of this form
 *   32 bytes SHA-256 of all that follows
 *   32 bytes the key it is kept under, so that a file under a wrong name is not believed
 *   4 bytes  number of chunks, then 4 bytes for the length of each
 *   the mu-law of all chunks
 */
const magic = Buffer.from('cbspeech\u0001', 'latin1')
const hashBytes = 32
const bodyAt = magic.length + hashBytes
/** Far more than the longest sentence; what claims to be longer is none of ours. */
export const maxFileBytes = 16_000_000

/** @param key 64 hexadecimal digits */
export function writeAudioFile(key: string, audio: Audio): Buffer {
  const sizes = Buffer.alloc(4 + 4 * audio.length)
  sizes.writeUInt32LE(audio.length, 0)
  for (const [index, chunk] of audio.entries()) sizes.writeUInt32LE(chunk.audioBytes, 4 + 4 * index)
  const sound = audio.map((chunk) => Buffer.from(chunk.payload, 'base64'))
  const body = Buffer.concat([Buffer.from(key, 'hex'), sizes, ...sound])
  return Buffer.concat([magic, sha256(body), body])
}

/** What a file holds, or undefined when it is cut off, damaged, of another form, or kept under another key. */
export function readAudioFile(key: string, file: Buffer): Audio | undefined {
  const body = file.subarray(bodyAt)
  const countAt = hashBytes
  if (!file.subarray(0, magic.length).equals(magic) || body.length < countAt + 4) return undefined
  if (!sha256(body).equals(file.subarray(magic.length, bodyAt))) return undefined
  if (body.toString('hex', 0, hashBytes) !== key) return undefined
  const count = body.readUInt32LE(countAt)
  let at = countAt + 4 + 4 * count
  if (count === 0 || at > body.length) return undefined
  const audio: Chunk[] = []
  for (let index = 0; index < count; index++) {
    const audioBytes = body.readUInt32LE(countAt + 4 + 4 * index)
    if (audioBytes === 0 || at + audioBytes > body.length) return undefined
    audio.push({ payload: body.toString('base64', at, at + audioBytes), audioBytes })
    at += audioBytes
  }
  return at === body.length ? audio : undefined
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
