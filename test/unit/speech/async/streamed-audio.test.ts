import { array, assert, integer, nat, oneof, property, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMarkerFilter } from '../../../../src/speech/async/quota-marker.ts'
import { createStreamedAudio } from '../../../../src/speech/async/streamed-audio.ts'

const marker = Buffer.from('--ERROR:QUOTA_EXCEEDED--')

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => Math.min(place, bytes.length)))].toSorted((a, b) => a - b)
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

function read(pieces: readonly Buffer[], type = 'application/octet-stream') {
  const streamed = createStreamedAudio(type)
  const audio: Uint8Array[] = []
  for (const piece of pieces) {
    const part = streamed.push(piece)
    audio.push(part.audio)
    if (part.error) return { audio: Buffer.concat(audio), error: part.error }
  }
  const end = streamed.end()
  return { audio: Buffer.concat([...audio, end.audio]), error: end.error }
}

/** Audio that is full of what the marker begins with. */
const audioBytes = array(
  oneof(
    uint8Array({ maxLength: 30 }),
    integer({ min: 1, max: 7 }).map((n) => marker.subarray(0, n)),
  ),
)
  .map((parts) => Buffer.concat([Buffer.from([0x80]), ...parts, Buffer.from([0x80])]))
  .filter((bytes) => !bytes.includes(marker))
const places = array(nat(400), { maxLength: 20 })

describe('the marker of a used-up quota', () => {
  test('is found over any borders, and all before it, and nothing else, is audio', () => {
    assert(
      property(audioBytes, places, uint8Array({ maxLength: 20 }), (audio, at, rest) => {
        const found = read(cut(Buffer.concat([audio, marker, rest]), at))
        expect(found.audio.equals(audio)).toBe(true)
        expect(found.error).toMatchObject({ code: 'speech.refused', details: { asyncCode: 'QUOTA_EXCEEDED' } })
      }),
    )
  })

  test('is not found where there is none, whatever the audio looks like', () => {
    assert(
      property(audioBytes, places, (audio, at) => {
        const found = read(cut(audio, at))
        expect(found.audio.equals(audio)).toBe(true)
        expect(found.error).toBeUndefined()
      }),
    )
  })

  test('holds back less than its own length', () => {
    const filter = createMarkerFilter()
    for (let length = 1; length < marker.length; length++) {
      const bytes = Buffer.concat([Buffer.alloc(100, 0x90), marker.subarray(0, length), Buffer.from([0x90])])
      expect(filter.push(bytes).audio.length).toBe(bytes.length)
      expect(filter.push(bytes.subarray(0, -1)).audio.length).toBe(100)
      expect(filter.push(Buffer.from([0x90])).audio.length).toBe(length + 1)
    }
  })

  test('cut short by the end of the body is no audio either, while a dash or two are', () => {
    const audio = Buffer.alloc(100, 0x90)
    for (const length of [8, 15, 23])
      expect(read([audio, marker.subarray(0, length)])).toMatchObject({ audio, error: { code: 'speech.refused' } })
    for (const length of [1, 2, 7])
      expect(
        read([audio, marker.subarray(0, length)]).audio.equals(Buffer.concat([audio, marker.subarray(0, length)])),
      ).toBe(true)
  })
})

describe('JSON where audio was expected', () => {
  const failure = {
    error_code: 'USAGE_LIMIT_EXCEEDED',
    message: 'Größe überschritten',
    extra: { limit: 5, current: 7 },
  }

  test.each(['application/json', 'application/json; charset=utf-8', 'application/octet-stream', 'audio/mpeg', ''])(
    'is no audio under the content type "%s", in either form and in any pieces',
    (type) => {
      for (const body of [failure, { detail: failure }]) {
        const bytes = Buffer.from(JSON.stringify(body, undefined, 1))
        for (const at of [[], [1], [2, 3, 4], Array.from({ length: bytes.length }, (_, index) => index)]) {
          const found = read(cut(bytes, at), type)
          expect(found.audio.length).toBe(0)
          expect(found.error).toMatchObject({
            code: 'speech.refused',
            details: { asyncCode: 'USAGE_LIMIT_EXCEEDED', limit: 5 },
          })
        }
      }
    },
  )

  test('is no audio where it says nothing, or is none at all though it is called so', () => {
    expect(read([Buffer.from('{}')])).toMatchObject({ error: { code: 'speech.refused', message: /no audio/ } })
    expect(read([Buffer.from('<html>')], 'application/json').error).toMatchObject({ message: /no audio/ })
    expect(read([Buffer.alloc(100_000, 0x20)], 'application/json').error).toMatchObject({ message: /no audio/ })
  })

  test('is not waited for once a byte came that stands in no text', () => {
    const streamed = createStreamedAudio('application/octet-stream')
    expect(streamed.push(Buffer.from('{"abc')).audio.length).toBe(0)
    expect(streamed.push(Buffer.from([0x41, 0xff, 0x41])).audio.length).toBe(8)
  })

  test('is not seen in audio that begins with a brace, and no byte of that is lost', () => {
    const bodies = [
      Buffer.from([0x7b]),
      Buffer.from([0x7b, 0x22]),
      Buffer.from([0x7b, 0x7b, 0x90]),
      Buffer.from([0x7b, 0x20, 0x22, 0x90, 0x90, 0x20]),
      Buffer.concat([Buffer.from('{"'), Buffer.alloc(100_000, 0x41)]),
      Buffer.concat([Buffer.from('{"'), Buffer.alloc(1000, 0x41), Buffer.from('-')]),
    ]
    for (const body of bodies)
      for (const at of [[], [1], [1, 2], [3, 5]]) {
        const found = read(cut(body, at))
        expect(found.error).toBeUndefined()
        expect(found.audio.equals(body)).toBe(true)
      }
    expect(read([])).toMatchObject({ error: undefined })
  })
})
