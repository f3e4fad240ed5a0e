import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { espeakPhonemes } from '../../../../src/speech/local/ipa.ts'
import { stepsOf } from '../../../../src/speech/local/steps.ts'

const say = (ssml: string) => ({ kind: 'say', ssml })
const silence = (silenceMs: number) => ({ kind: 'silence', silenceMs })

test('a sentence is a step, followed by a pause; what is no sentence has none', () => {
  expect(stepsOf('Hello there. How are you? Fine', 'en')).toEqual([
    say('Hello there.'),
    silence(290),
    say('How are you?'),
    silence(290),
    say('Fine'),
  ])
  expect(stepsOf('「はい。」', 'ja')).toEqual([say('「はい。」'), silence(290)])
})

test('a break is silence of its length, in place of the pause where it ends a sentence', () => {
  expect(stepsOf("Wait <break time='400ms'/> here.<break time='1s'/> Go.", 'en')).toEqual([
    say('Wait'),
    silence(400),
    say('here.'),
    silence(1000),
    say('Go.'),
    silence(290),
  ])
})

test('digits stand one by one, in the groups they were written in', () => {
  expect(stepsOf('Call <digits>(123) 456.7890</digits>, please', 'en')).toEqual([
    say('Call  1 2 3, 4 5 6, 7 8 9 0 , please'),
  ])
  expect(stepsOf('<digits>٠١٢</digits>', 'ar')).toEqual([say('٠ ١ ٢')])
})

test('phonemes are said in the notation of the engine', () => {
  expect(stepsOf('At <phonemes>ˈeɪ.sɪŋk</phonemes> now', 'en')).toEqual([say("At  [['eIsINk]] now")])
  expect(espeakPhonemes('ˌθɜːtˈiːn ðə tʃɜːtʃ ʒ')).toBe(",T3:t'i:n D@ tS3:tS Z")
  expect(espeakPhonemes(']][[<&"\0')).toBe('')
  expect(espeakPhonemes('a'.repeat(10_000)).length).toBe(200)
})

test('what the engine would take for its own commands is only text', () => {
  expect(stepsOf('a < b & [[x]] [[[y <b>z</b>', 'en')).toEqual([say('a &lt; b &amp; [ [x]] [ [ [y &lt;b>z&lt;/b>')])
  expect(stepsOf('null\0byte, half \uD800 pair, cafe\u0301', 'en')).toEqual([say('null byte, half   pair, caf\u00e9')])
})

test('where there is nothing to say there is no step, or silence alone', () => {
  for (const text of ['', ' ', '...', '\n', '—', '[[', '\0']) expect([text, stepsOf(text, 'en')]).toEqual([text, []])
  expect(stepsOf("<break time='80ms'/>", 'en')).toEqual([silence(80)])
})

test('no step is long, whatever the text', () => {
  const digits = stepsOf(`<digits>${'12345 '.repeat(3000)}</digits>`, 'en')
  expect(digits.length).toBeGreaterThan(10)
  const words = digits.flatMap((step) => (step.kind === 'say' ? step.ssml.split(/[ ,]+/).filter(Boolean) : []))
  expect(words.join('') === '12345'.repeat(3000)).toBe(true)
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (text) => {
      for (const step of stepsOf(text, 'en'))
        if (step.kind === 'say') expect(step.ssml.length).toBeLessThanOrEqual(1600)
    }),
    { numRuns: 30 },
  )
})
