import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPayload } from '../../../../src/speech/async/payload.ts'

test('what decodes to sound is taken as it came, and its size is that of the sound', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bytes) => {
      const base64 = Buffer.from(bytes).toString('base64')
      expect(readPayload(base64)).toEqual({ base64, audioBytes: bytes.length })
      expect(readPayload(base64.replaceAll('=', ''))).toEqual({ base64, audioBytes: bytes.length })
    }),
  )
})

test('whatever else it is, it is not taken', () => {
  const odd = fc.string({ unit: fc.constantFrom('A', 'b', '7', '+', '/', '=', '-', '_', ' ', '\n', '"', 'é', '\0') })
  fc.assert(
    fc.property(odd, (text) => {
      const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.replace(/=+$/, '').length % 4 !== 1
      expect([text, readPayload(text) !== undefined]).toEqual([text, isBase64])
    }),
    { numRuns: 2000 },
  )
  for (const text of ['', '=', '==', 'A=A=', 'AA=A', '=AAA', 'AAAA===', 'AAAAA', 'AA AA', 'AA\n', 'AA-_', 'ü'])
    expect([text, readPayload(text)]).toEqual([text, undefined])
})
