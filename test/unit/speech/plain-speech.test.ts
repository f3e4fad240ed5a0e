import { expect, test } from 'vitest'
import { createPlainSpeech, plainSpeech } from '../../../src/speech/plain-speech.ts'

test.each([
  // A pause is a comma, unless punctuation makes one already.
  ["Hello <break time='400ms'/> there.", 'Hello, there.'],
  ["Hello<break time='1s'/>there.", 'Hello, there.'],
  ["Hello. <break time='400ms'/> It is me.", 'Hello. It is me.'],
  ["Hello <break time='400ms'/>, it is me.", 'Hello, it is me.'],
  ["<break time='400ms'/>Hello.", 'Hello.'],
  ["Hello.<break time='400ms'/>", 'Hello.'],
  ["One <break time='1s'/><break time='1s'/> two", 'One, two'],
  ["One <break time='1s'/> (two)", 'One, (two)'],
  // Digits are said one by one, groups apart.
  ['It is <digits>(123) 456-7890</digits>.', 'It is 1 2 3, 4 5 6, 7 8 9 0.'],
  ['Code <digits>AB12</digits> now', 'Code A B 1 2 now'],
  ['<digits></digits>', ''],
  // IPA cannot be spoken by a voice that does not know it.
  ['Here is <phonemes>ˈeɪ.sɪŋk</phonemes> for you.', 'Here is for you.'],
  // Everything else between brackets is words.
  ['2 < 3 and 4 > 3', '2 3 and 4 3'],
  ['a <b>bold</b> word', 'a bbold/b word'],
  ["<break time='400ms'", ''],
  ['<break and on', 'and on'],
  ['<digits>12', '12'],
  ['<phonemes>ˈeɪ', ''],
  ['12</digits>', '12'],
  ['<brea', ''],
])('%s is spoken as %s', (text, plain) => {
  expect(plainSpeech(text).replaceAll(/ +/g, ' ').trim()).toBe(plain)
})

test('a tag is never read aloud, wherever a text is cut in two', () => {
  const text = "Hello <break time='400ms'/> it is <digits>12-3</digits>, <phonemes>ˈeɪ</phonemes> 2 < 3 <x> end. "
  const whole = plainSpeech(text)
  for (let at = 0; at <= text.length; at++) {
    const plain = createPlainSpeech()
    const parts = [plain.push(text.slice(0, at)), plain.push(text.slice(at)), plain.end()]
    expect(parts.join('')).toBe(whole)
    expect(parts[0]).not.toMatch(/break|digits|phonemes|time|[<>]/)
  }
  const plain = createPlainSpeech()
  expect(Array.from(text, (character) => plain.push(character)).join('') + plain.end()).toBe(whole)
})

test('words are not held back for longer than a tag could be', () => {
  const plain = createPlainSpeech()
  expect(plain.push('One <digits>')).toBe('One')
  expect(plain.push('1'.repeat(600))).toContain('1111')
  const other = createPlainSpeech()
  expect(other.push('2 < 3 of them')).toBe('2  3 of them')
  expect(other.push(' and <')).toBe(' and')
  expect(other.push('b')).toBe('')
  expect(other.push('ut')).toBe(' but')
})

test('white space at the end waits for what follows, and is not spoken alone', () => {
  const plain = createPlainSpeech()
  expect(plain.push('One ')).toBe('One')
  expect(plain.push('  ')).toBe('')
  expect(plain.push('two')).toBe('   two')
  expect(plain.push(' ') + plain.end()).toBe('')
})

test('100,000 hostile characters are read without hanging', () => {
  for (const bad of ['<', '<digits>', "<break time='", '<phonemes><', '<break ']) {
    const plain = createPlainSpeech()
    const began = performance.now()
    const text = bad.repeat(100_000 / bad.length)
    for (let at = 0; at < text.length; at += 1000) plain.push(text.slice(at, at + 1000))
    expect(plain.push(' end') + plain.end()).toContain('end')
    expect(performance.now() - began).toBeLessThan(5000)
  }
})
