import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  escapeText,
  hasWords,
  keepKnownMarkup,
  longestBreakMs,
  parseMarkup,
  pausesMs,
  stripMarkup,
} from '../../../src/speech/markup.ts'

const pause = "<break time='400ms'/>"
const digits = '<digits>(123) 456.7890</digits>'
const phonemes = '<phonemes>ˈeɪ.sɪŋk</phonemes>'

test('the three tags are taken apart, with the text around them', () => {
  expect(parseMarkup(`Hi ${pause}call ${digits}, ${phonemes}`)).toEqual([
    { kind: 'text', source: 'Hi ', text: 'Hi ' },
    { kind: 'break', source: pause, pauseMs: 400 },
    { kind: 'text', source: 'call ', text: 'call ' },
    { kind: 'digits', source: digits, text: '(123) 456.7890' },
    { kind: 'text', source: ', ', text: ', ' },
    { kind: 'phonemes', source: phonemes, ipa: 'ˈeɪ.sɪŋk' },
  ])
})

test('a break is told in milliseconds or seconds, in either quotes, and never beyond the longest', () => {
  const pauseMs = (tag: string) => parseMarkup(tag).map((part) => (part.kind === 'break' ? part.pauseMs : part.kind))
  expect(pauseMs('<break time="0.5s"/>')).toEqual([500])
  expect(pauseMs("<break  time = '80ms' />")).toEqual([80])
  expect(pauseMs("<break time='0ms'/>")).toEqual([0])
  expect(pauseMs(`<break time='${'9'.repeat(400)}s'/>`)).toEqual([longestBreakMs])
})

test('what is not quite a tag stays text', () => {
  for (const text of [
    '<break>',
    '<break/>',
    "<break time='400'/>",
    "<break time='400ms'>",
    '<break time=\'400ms"/>',
    "<break time='-1s'/>",
    "<break time='1s' strength='weak'/>",
    '<digits>12',
    '12</digits>',
    '<digits>1<2</digits>',
    '<phonemes>a</digits>',
    '<b>bold</b>',
    '1 < 2 > 0',
    '<Digits>1</Digits>',
  ])
    expect(parseMarkup(text)).toEqual([{ kind: 'text', source: text, text }])
  expect(parseMarkup('')).toEqual([])
})

const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(pause, digits, phonemes, '<', '>', '/', '<digits>', '</digits>', '<break', " time='1s'", '/>'),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 20 },
  )
  .map((pieces) => pieces.join(''))

test('the parts are the text again', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      expect(
        parseMarkup(text)
          .map((part) => part.source)
          .join(''),
      ).toBe(text)
    }),
  )
})

test('data put into a text can add no tag to it, nor complete one', () => {
  expect(escapeText('<digits>1</digits> & "Bob"')).toBe('digits1/digits & "Bob"')
  fc.assert(
    fc.property(hostileText, (data) => {
      const kinds = (text: string) =>
        parseMarkup(text)
          .map((part) => part.kind)
          .filter((kind) => kind !== 'text')
      expect(kinds(`Hi ${escapeText(data)}!`)).toEqual([])
      expect(kinds(`Hi <br${escapeText(data)} ${pause}`)).toEqual(['break'])
    }),
  )
})

test('what is heard keeps the words inside tags and one space where a pause was', () => {
  expect(stripMarkup(`Call ${digits} now`)).toBe('Call (123) 456.7890 now')
  expect(stripMarkup(`One${pause}two ${pause} three${pause}, four${pause}${pause}five${pause}`)).toBe(
    'One two three, four five',
  )
  expect(stripMarkup(`${pause}Hi`)).toBe('Hi')
  expect(stripMarkup('if 1 < 2 and <b>so</b> on')).toBe('if 1 < 2 and <b>so</b> on')
})

test('only letters and digits are words, those of a tag are not', () => {
  for (const text of [pause, '...', ' \n', '', '!?', '—', '😀', '<digits>-</digits>', '<'])
    expect([text, hasWords(text)]).toEqual([text, false])
  for (const text of ['a', '7', digits, phonemes, '你', 'ь', '٣', '<digits'])
    expect([text, hasWords(text)]).toEqual([text, true])
})

test('a text of 100,000 hostile characters is parsed at once', () => {
  for (const unit of ['<', '<break ', "<break time='", '<digits>', '<digits>1', '<phonemes>a</digits>', '>']) {
    const text = unit.repeat(100_000 / unit.length)
    expect(parseMarkup(text).length).toBe(1)
  }
  expect(parseMarkup(`<break${' '.repeat(100_000)}x`).length).toBe(1)
  expect(parseMarkup(`<break time='${'1'.repeat(100_000)}`).length).toBe(1)
})

test('known tags stay, half tags and foreign ones lose their signs and keep their words', () => {
  for (const tag of ["<break time='1s'/>", '<digits>12</digits>', '<phonemes>a.b</phonemes>'])
    expect(keepKnownMarkup(`a ${tag} b`)).toBe(`a ${tag} b`)
  expect(keepKnownMarkup('5 < 6 and <break time=')).toBe('5  6 and break time=')
  expect(keepKnownMarkup('<b>bold</b>')).toBe('bbold/b')
})

test('the pauses of a text are added up', () => {
  expect(pausesMs("a <break time='400ms'/> b <break time='1.5s'/>")).toBe(1900)
  expect(pausesMs('none')).toBe(0)
})
