import { expect, test } from 'vitest'
import { encodeMulaw } from '../../../src/audio/mulaw.ts'
import { createVoiceDetector } from '../../../src/audio/voice-detector.ts'

/** A sine whose root mean square is so many dB against full scale. */
function sine(ms: number, db: number): Uint8Array {
  const peak = 32_768 * 10 ** (db / 20) * Math.SQRT2
  return encodeMulaw(Int16Array.from({ length: ms * 8 }, (_, i) => Math.round(peak * Math.sin((2 * Math.PI * i) / 16))))
}
const quiet = (ms: number, byte = 0xff) => new Uint8Array(ms * 8).fill(byte)

function after(...pieces: Uint8Array[]) {
  const detector = createVoiceDetector()
  for (const piece of pieces) detector.push(piece)
  return { silentMs: detector.silentMs, voicedMs: detector.voicedMs }
}

test('silence grows until a voice, and begins again behind it', () => {
  expect(after(quiet(500))).toEqual({ silentMs: 500, voicedMs: 0 })
  expect(after(quiet(500), sine(200, -30))).toEqual({ silentMs: 0, voicedMs: 200 })
  expect(after(quiet(500), sine(200, -30), quiet(340))).toEqual({ silentMs: 340, voicedMs: 200 })
})

test('both zeros of mu-law are silence, and so is the noise of an office', () => {
  expect(after(quiet(500, 0xff), quiet(500, 0x7f))).toEqual({ silentMs: 1000, voicedMs: 0 })
  expect(after(sine(1000, -52))).toEqual({ silentMs: 1000, voicedMs: 0 })
  expect(after(sine(1000, -40))).toEqual({ silentMs: 0, voicedMs: 1000 })
})

test('a click is no voice: what lasts less than 60 ms ends no silence', () => {
  expect(after(quiet(500), sine(40, -10), quiet(460))).toEqual({ silentMs: 1000, voicedMs: 0 })
  expect(after(quiet(500), sine(60, -10), quiet(440))).toEqual({ silentMs: 440, voicedMs: 60 })
})

test('pieces of any size are judged like one piece', () => {
  const audio = Buffer.concat([quiet(300), sine(500, -20), quiet(200), sine(30, -20), quiet(215)])
  const pieces = Array.from({ length: Math.ceil(audio.length / 37) }, (_, at) => audio.subarray(at * 37, at * 37 + 37))
  expect(after(...pieces)).toEqual(after(audio))
  expect(after(audio)).toEqual({ silentMs: 440, voicedMs: 500 })
})
