import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyOf } from '../../../../src/speech/cache/audio.ts'
import { readAudioFile, writeAudioFile } from '../../../../src/speech/cache/audio-file.ts'
import { keyFor, soundOf } from './sounds.ts'

const key = keyFor('one')

describe('a rendered utterance as a file', () => {
  test('comes back in the chunks it came in, to the bit', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { minLength: 1 }), (parts) => {
        const audio = parts.map((part) => ({
          payload: Buffer.from(part).toString('base64'),
          audioBytes: part.length,
        }))
        expect(readAudioFile(key, writeAudioFile(key, audio))).toEqual(audio)
      }),
    )
  })

  test('cut off anywhere, it holds nothing', () => {
    const file = writeAudioFile(key, soundOf('one', 300))
    for (let length = 0; length < file.length; length++)
      expect(readAudioFile(key, file.subarray(0, length))).toBeUndefined()
    expect(readAudioFile(key, Buffer.concat([file, Buffer.alloc(1)]))).toBeUndefined()
    expect(readAudioFile(key, file)).toEqual(soundOf('one', 300))
  })

  test('with any one bit turned over, it holds nothing', () => {
    const file = writeAudioFile(key, soundOf('one', 300))
    for (let at = 0; at < file.length; at++) {
      const damaged = Buffer.from(file)
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8))
      expect(readAudioFile(key, damaged)).toBeUndefined()
    }
  })

  test('under another key, or of another program, it is not believed', () => {
    const file = writeAudioFile(key, soundOf('one'))
    expect(readAudioFile(keyFor('other'), file)).toBeUndefined()
    for (const foreign of [Buffer.alloc(0), Buffer.alloc(5000), Buffer.from('RIFF....WAVE'), Buffer.alloc(5000, 255)])
      expect(readAudioFile(key, foreign)).toBeUndefined()
  })

  test('numbers that promise more than there is lead nowhere, even where the checksum fits', () => {
    const forged = (sizes: readonly number[], count = sizes.length) => {
      const numbers = Buffer.alloc(4 + 4 * sizes.length)
      numbers.writeUInt32LE(count, 0)
      for (const [index, size] of sizes.entries()) numbers.writeUInt32LE(size, 4 + 4 * index)
      const body = Buffer.concat([Buffer.from(key, 'hex'), numbers, Buffer.alloc(100)])
      const hash = createHash('sha256').update(body).digest()
      return Buffer.concat([Buffer.from('cbspeech\u0001', 'latin1'), hash, body])
    }
    expect(readAudioFile(key, forged([60, 40]))).toHaveLength(2)
    for (const sizes of [[], [0, 100], [101], [99], [4_294_967_295], [50, 49]])
      expect(readAudioFile(key, forged(sizes))).toBeUndefined()
    expect(readAudioFile(key, forged([100], 4_294_967_295))).toBeUndefined()
  })
})

describe('the key of a text', () => {
  test('does not depend on the space around it, but on every other sign and on all that the sound depends on', () => {
    expect(keyOf('a', ' Hello. ')).toBe(keyOf('a', 'Hello.'))
    const others = [keyOf('a', 'hello.'), keyOf('a', 'Hello'), keyOf('b', 'Hello.'), keyOf('a', 'Hel lo.')]
    expect(new Set([...others, keyOf('a', 'Hello.')]).size).toBe(5)
    expect(keyOf('a","b', 'c')).not.toBe(keyOf('a', 'b","c'))
  })
})
