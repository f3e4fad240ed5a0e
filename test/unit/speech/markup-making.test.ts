import { assert, array, constantFrom, double, oneof, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BridgeError } from '../../../src/errors.ts'
import { parseTranscript } from '../../../src/simulator/async/markup.ts'
import { digits, longestBreakMs, parseMarkup, pause, phonemes } from '../../../src/speech/markup.ts'

describe('pause', () => {
  test('of any length that can be asked for is one break of that length', () => {
    assert(
      property(double({ min: 1, max: longestBreakMs, noNaN: true }), (ms) => {
        expect(parseMarkup(pause(ms))).toMatchObject([{ kind: 'break', pauseMs: Math.round(ms) }])
      }),
    )
    expect(pause(400)).toBe("<break time='400ms'/>")
  })

  test.each([0, -1, 0.4, 10_001, Number.NaN, Number.POSITIVE_INFINITY, '400', null, undefined])(
    'of %j is refused',
    (ms) => {
      expect(() => pause(ms as number)).toThrow(/Expected a pause of 1 to 10000 ms; .* came\./)
      expect(() => pause(ms as number)).toThrow(expect.objectContaining({ code: 'markup.invalid' }))
    },
  )
})

describe('digits', () => {
  test.each(['7', '(123) 456-7890', '12.34', ' 0 '])('of "%s" are one element', (text) => {
    expect(parseMarkup(digits(text))).toMatchObject([{ kind: 'digits', text }])
    expect(parseTranscript(digits(text)).faults).toEqual([])
  })

  test.each([
    ['', 'an empty text'],
    [' ', 'an empty text'],
    ['-', 'a text without any'],
    ['+1 555', 'other signs'],
    ['12</digits>', 'other letters or digits'],
    ['<1', 'other signs'],
    ['12a', 'other letters or digits'],
    ['١٢', 'other letters or digits'],
    ['1\n2', 'other signs'],
  ])('of %j are refused: %s came, and the text is not repeated', (text, came) => {
    expect(() => digits(text)).toThrow(`${came} came.`)
    expect(() => digits(text)).toThrow(BridgeError)
  })

  test('of what is no string, or too long, are refused', () => {
    expect(() => digits(123 as never)).toThrow('Expected digits as a string; number came.')
    expect(() => digits('1'.repeat(201))).toThrow('at most 200 characters; 201 came')
  })
})

describe('phonemes', () => {
  test.each(['ˈeɪ.sɪŋk', 'bɔ̃ʒuʁ', 't͡ʃaʊ', 'maː˥˩', 'ɐ̯', "ʔaʔ'a", 'e̞ɾ ˌlo'])('of "%s" are one element', (ipa) => {
    expect(parseMarkup(phonemes(ipa))).toMatchObject([{ kind: 'phonemes', ipa }])
    expect(parseTranscript(phonemes(ipa)).faults).toEqual([])
  })

  test.each([
    ['', 'an empty text'],
    ['ˈ.', 'a text without any'],
    ['<b>', 'other signs'],
    ['e&', 'other signs'],
    ['e1', 'other letters or digits'],
    ['"e"', 'other signs'],
  ])('of %j are refused: %s came', (ipa, came) => {
    expect(() => phonemes(ipa)).toThrow(`${came} came.`)
  })
})

test('whatever is put in, what comes out is one whole element or an error', () => {
  const odd = oneof(
    string({ unit: 'binary' }),
    array(constantFrom('<', '>', '/', 'digits', '1', 'ə', ' ', "'")).map((parts) => parts.join('')),
  )
  assert(
    property(odd, (text) => {
      for (const make of [digits, phonemes]) {
        let made: string
        try {
          made = make(text)
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'markup.invalid' })
          continue
        }
        expect(parseMarkup(made)).toHaveLength(1)
        expect(parseMarkup(made)[0]?.kind).toBe(make.name)
      }
    }),
  )
})
