import { array, assert, integer, nat, oneof, property, record, string } from 'fast-check'
import { expect, test } from 'vitest'
import { webVtt } from '../../../../src/speech/async/web-vtt.ts'
import type { TimedWord } from '../../../../src/speech/async/whole-speech.ts'
import { parseWebVtt } from '../../../web-vtt.ts'

const spoken = (text: string, msPerWord = 300): TimedWord[] =>
  text.split(' ').map((word, index) => ({ word, startMs: index * msPerWord, endMs: (index + 1) * msPerWord - 50 }))

test('sentences become cues, and each word has its time', () => {
  expect(webVtt(spoken('Hello there. It is ready.'))).toBe(
    'WEBVTT\n\n' +
      '00:00:00.000 --> 00:00:00.550\nHello <00:00:00.300>there.\n\n' +
      '00:00:00.600 --> 00:00:01.450\nIt <00:00:00.900>is <00:00:01.200>ready.\n',
  )
})

test('a long sentence is cut into cues that fit on a screen, a pause begins a new one', () => {
  const cues = parseWebVtt(webVtt(spoken(`${'word '.repeat(200)}end`)))
  expect(cues.length).toBeGreaterThan(10)
  for (const { startMs, endMs, text } of cues) {
    expect(text.length).toBeLessThanOrEqual(80)
    expect(endMs - startMs).toBeLessThanOrEqual(6000)
  }
  const paused = [...spoken('one two'), { word: 'three', startMs: 5000, endMs: 5200 }]
  expect(parseWebVtt(webVtt(paused)).map((cue) => cue.text)).toEqual(['one two', 'three'])
})

test('what has a meaning in WebVTT is escaped, and hours are told', () => {
  const words = [{ word: '<b>A&B-->', startMs: 3_600_000 * 100 + 61_001, endMs: 3_600_000 * 100 + 62_000 }]
  expect(webVtt(words)).toContain('100:01:01.001 --> 100:01:02.000\n&lt;b&gt;A&amp;B--&gt;\n')
  expect(webVtt([])).toBe('WEBVTT\n')
})

test('whatever the words and times are, the file is valid and has every word in order', () => {
  const word = record({
    word: oneof(string({ unit: 'grapheme' }), string({ maxLength: 3 })),
    startMs: oneof(nat(5000), integer({ min: 0, max: 400_000_000 })),
    lastsMs: nat(3000),
  })
  assert(
    property(array(word, { maxLength: 30 }), (given) => {
      const words = given.map(({ word: text, startMs, lastsMs }) => ({ word: text, startMs, endMs: startMs + lastsMs }))
      const cues = parseWebVtt(webVtt(words))
      const inOrder = words.filter(({ word: text }) => text.trim() !== '').toSorted((a, b) => a.startMs - b.startMs)
      expect(cues.map((cue) => cue.text).join(' ')).toBe(
        inOrder.map(({ word: text }) => text.replaceAll(/\s+/g, ' ')).join(' '),
      )
    }),
  )
})
