import { describe, expect, test } from 'vitest'
import { collectKeys, type KeyRule } from '../../../src/call/keys.ts'

/** What becomes of keys pressed one after the other; `.` is a time in which none came. */
function collect(rule: Partial<KeyRule>, keys: string) {
  const collection = collectKeys({ min: 1, max: 1, ...rule })
  const ends = keys.split('').map((key) => (key === '.' ? collection.paused() : collection.press(key)))
  return { digits: collection.digits, end: ends.at(-1), before: ends.slice(0, -1).filter((end) => end !== undefined) }
}

describe('keys of an answer', () => {
  test.each<[string, Partial<KeyRule>, string, string | undefined, string]>([
    ['one key is an answer where one may come', {}, '7', 'digits', '7'],
    ['the last of as many as may come ends the answer', { min: 4, max: 4 }, '1234', 'digits', '1234'],
    ['fewer leave it open', { min: 4, max: 4 }, '123', undefined, '123'],
    ['a pause after enough keys ends it', { min: 2, max: 5 }, '123.', 'pause', '123'],
    ['a pause after too few is nonsense', { min: 2, max: 5 }, '1.', 'nonsense', '1'],
    ['a pause before any key is none', { min: 2, max: 5 }, '.', undefined, ''],
    ['the finish key ends it and is no part of it', { min: 1, max: 9, finishKey: '#' }, '42#', 'finish-key', '42'],
    ['the finish key after too few is nonsense', { min: 3, max: 9, finishKey: '#' }, '42#', 'nonsense', '42'],
    ['the finish key alone is nonsense', { min: 1, max: 9, finishKey: '#' }, '#', 'nonsense', ''],
    ['a star is a key like others where it does not finish', { min: 1, max: 2 }, '*#', 'digits', '*#'],
    ['a choice is an answer', { choices: ['1', '2'] }, '2', 'digits', '2'],
    ['what is no choice is nonsense', { choices: ['1', '2'] }, '3', 'nonsense', '3'],
    ['a choice that another begins with is one after a pause', { max: 2, choices: ['1', '12'] }, '1.', 'pause', '1'],
  ])('%s', (_rule, rule, keys, end, digits) => {
    expect(collect(rule, keys)).toEqual({ digits, end, before: [] })
  })

  test('after the end keys change nothing', () => {
    expect(collect({ min: 1, max: 1 }, '1234')).toMatchObject({ digits: '1', end: 'digits' })
    expect(collect({ min: 1, max: 9, finishKey: '#' }, '1#2')).toMatchObject({ digits: '1', end: 'finish-key' })
    expect(collect({ min: 2, max: 9 }, '1.2')).toMatchObject({ digits: '1', end: 'nonsense' })
  })
})
