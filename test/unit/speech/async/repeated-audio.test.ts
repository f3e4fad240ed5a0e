import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readFrame } from '../../../../src/speech/async/protocol.ts'
import { createRepeatedAudio } from '../../../../src/speech/async/repeated-audio.ts'

const contextId = 'e0f39dc4-f691-4e78-bba5-5c636692cc04'
const message = (audio: string, more = {}) => JSON.stringify({ context_id: contextId, audio, final: false, ...more })

/** Reads as a connection does: by the model where it fits, else by parsing, and learns. */
function reader() {
  const repeated = createRepeatedAudio()
  let parsed = 0
  return {
    read: (text: string) => {
      const bytes = Buffer.from(`..${text}..`)
      const known = repeated.read(bytes, 2, bytes.length - 2)
      if (known) return known
      parsed++
      const frame = readFrame(text)
      repeated.learn(text, frame)
      return frame
    },
    parsed: () => parsed,
  }
}

const base64 = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64'))
const audio = fc.oneof(
  { weight: 6, arbitrary: base64 },
  fc.constantFrom('', 'AAAA', 'A', 'AA', 'QUJD","final":true,"x":"', 'no base64!', 'ü', 'A\\/A', '=', 'AAAA='),
)
const fields = fc.record(
  {
    context_id: fc.constantFrom(contextId, 'another', 'AAAA', null),
    audio: fc.oneof({ weight: 8, arbitrary: audio }, fc.constant(7)),
    final: fc.constantFrom(false, false, false, true),
    error_code: fc.constantFrom('TIMEOUT', 'AAAA'),
    echo: audio,
  },
  { requiredKeys: ['audio'] },
)
/** As various servers write JSON. */
const written = fc.tuple(fields, fc.constantFrom(undefined, 1, '\t'), fc.boolean()).map(([value, indent, reversed]) => {
  const entries = Object.entries(value)
  return JSON.stringify(Object.fromEntries(reversed ? entries.toReversed() : entries), null, indent)
})

test('what is read without parsing is what parsing would have read, whatever came before', () => {
  let known = 0
  fc.assert(
    fc.property(fc.array(fc.oneof(written, fc.string()), { maxLength: 30 }), fc.array(base64), (texts, sounds) => {
      const { read, parsed } = reader()
      // Each message also with other sounds in the place of its own.
      const varied = texts.flatMap((text) => [
        text,
        ...sounds.map((sound) => text.replace(/("audio":\s*)"[^"]*"/, `$1"${sound}"`)),
      ])
      for (const text of varied) expect(read(text)).toEqual(readFrame(text))
      known += varied.length - parsed()
    }),
    { numRuns: 500 },
  )
  expect(known).toBeGreaterThan(300)
})

test('of a sentence only the first message is parsed, and its end', () => {
  const { read, parsed } = reader()
  for (let chunk = 0; chunk < 50; chunk++) read(message(Buffer.alloc(160, chunk).toString('base64')))
  expect(parsed()).toBe(1)
  read(message('', { final: true }))
  read(message('QUJD', { context_id: 'f'.repeat(36) }))
  expect(parsed()).toBe(3)
})

test('sound that also stands elsewhere in its message is never taken from there', () => {
  const { read } = reader()
  const echoing = (audio: string) => JSON.stringify({ echo: 'QUJD', audio, final: false })
  expect(read(echoing('QUJD'))).toMatchObject({ payload: 'QUJD' })
  expect(read(JSON.stringify({ echo: 'WFla', audio: 'QUJD', final: false }))).toMatchObject({ payload: 'QUJD' })
})
