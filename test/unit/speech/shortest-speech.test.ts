import { expect, test } from 'vitest'
import { shortestSpeechMs } from '../../../src/speech/shortest-speech.ts'

test.each([
  ['', 0],
  ['... — !?', 0],
  ['Hello, you 2!', 9 * 35],
  ['你好 שלום', 6 * 35],
  ['<phonemes>ab</phonemes> <digits>12-3</digits>', 5 * 35],
  ["a<break time='400ms'/>b", 2 * 35 + 400],
  ['<break time="0.5s"/><break time=1s />', 1500],
  ["<break time='3600s'/>", 1200],
  ['<break/>', 0],
  ['a < b and c > d', 7 * 35],
])('%j takes at least %i ms', (text, ms) => {
  expect(shortestSpeechMs(text)).toBe(ms)
})

test('hostile markup costs no more than its length', () => {
  // Were it quadratic, this would take minutes.
  expect(shortestSpeechMs('<break time='.repeat(100_000))).toBeGreaterThan(0)
})
