import { expect, test } from 'vitest'
import { parseTranscript } from '../../../../src/simulator/async/markup.ts'
import { createEncoder } from '../../../../src/simulator/encoder.ts'
import { toneVoice } from '../../../../src/simulator/tone-voice.ts'

test.each([
  ["a <break time='400ms'/> b", ['a', 400, 'b']],
  ['<break time="1.5s"/>', [1500]],
  ["<break time='60s'/>", [10_000]],
  ['Dial <digits>(123) 456-7.8</digits>.', ['Dial 1 2 3 4 5 6 7 8.']],
  ['The <phonemes>ˈeɪ.sɪŋk</phonemes> voice', ['The ˈeɪ.sɪŋk voice']],
  ['<b>bold</b> text', ['bold text']],
  ['half a <break', ['half a']],
  ["e='1s'/> other half", ['other half']],
  ['<digits> </digits> ', []],
])('%j is heard as %j', (transcript, heard) => {
  expect(parseTranscript(transcript).segments.map((it) => (it.kind === 'speech' ? it.text : it.ms))).toEqual(heard)
})

test.each(['a <b', 'b> a', '<digits>1', '1</digits>', 'a < b', '<phonemes>x</digits>'])(
  '%j is split markup',
  (transcript) => {
    expect(parseTranscript(transcript).faults).toEqual(['split-markup'])
  },
)

test.each(['<digits><phonemes>x</phonemes>', '<phonemes>a<digits>1</digits>'])('%j is bad markup', (transcript) => {
  expect(parseTranscript(transcript).faults).toContain('bad-markup')
})

async function tone(text: string): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of toneVoice(text, { signal: new AbortController().signal })) pieces.push(piece)
  expect(pieces.slice(0, -1).every((piece) => piece.length === 800)).toBe(true)
  return Buffer.concat(pieces)
}

test('the tone voice speaks 60 ms a character, the same for the same text', async () => {
  expect(await tone('Hello')).toHaveLength(5 * 480)
  expect(await tone('Hello')).toEqual(await tone('Hello'))
})

test('no two texts share their tone, and no part of a text sounds like another', async () => {
  const texts = ['a', 'b', 'A', 'aa', 'ab', 'ba', 'é', 'e\u0301', '日', '本', '😀', '😁']
  const tones = await Promise.all(texts.map(tone))
  expect(new Set(tones.map((it) => it.toString('base64'))).size).toBe(texts.length)
  const same = await tone('aaaa')
  const parts = [0, 1, 2, 3].map((i) => same.subarray(i * 480, (i + 1) * 480).toString('base64'))
  expect(new Set(parts).size).toBe(4)
})

test('nothing in a tone can be taken for silence', async () => {
  let longest = 0
  let run = 0
  for (const byte of await tone('The quick brown fox, 123 & jumps over — the lazy dog. 日本語')) {
    run = byte === 0xff || byte === 0x7f ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  expect(longest).toBeLessThan(4)
})

test('the tone voice stops on abort, without an error', async () => {
  const abort = new AbortController()
  let pieces = 0
  for await (const piece of toneVoice('A sentence that is long enough.', { signal: abort.signal })) {
    expect(piece).toHaveLength(800)
    if (++pieces === 2) abort.abort()
  }
  expect(pieces).toBe(2)
  const short = new AbortController()
  for await (const piece of toneVoice('Hi', { signal: short.signal })) {
    expect(piece).toHaveLength(800)
    short.abort()
  }
})

test('a higher rate is drawn in straight lines, without a seam between chunks', async () => {
  const audio = await tone('Hey')
  const whole = createEncoder({ encoding: 'pcm_s16le', sampleRateHz: 16_000 })(audio)
  const encode = createEncoder({ encoding: 'pcm_s16le', sampleRateHz: 16_000 })
  const parts = [encode(audio.subarray(0, 333)), encode(audio.subarray(333, 334)), encode(audio.subarray(334))]
  expect(Buffer.concat(parts)).toEqual(whole)
  expect(whole).toHaveLength(audio.length * 4)
})
