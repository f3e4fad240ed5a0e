import { expect, test } from 'vitest'
import { speakBytes } from '../../../../src/speech/deepgram/limits.ts'
import { allowedSpeed, languagesOf, voicePattern } from '../../../../src/speech/deepgram/models.ts'
import { endsSentence, firstPart, sizeOf, spaceBetween } from '../../../../src/speech/deepgram/text.ts'

function partsOf(text: string): string[] {
  const parts: string[] = []
  for (let rest = text; rest !== ''; rest = rest.slice(parts.at(-1)?.length)) parts.push(firstPart(rest))
  return parts
}

test('a short text is one message, a long one several that are each small enough, and nothing is lost', () => {
  expect(firstPart('One sentence. ')).toBe('One sentence. ')
  for (const text of [
    'word '.repeat(2000),
    '漢字'.repeat(2000),
    '👩‍👩‍👧‍👦'.repeat(400),
    'x'.repeat(5000),
    '\ud83d'.repeat(3000),
  ]) {
    const parts = partsOf(text)
    expect(parts.join('')).toBe(text)
    for (const part of parts) expect(sizeOf(part)).toBeLessThanOrEqual(speakBytes)
  }
})

test('a long text is cut between words, behind a clause where there is one', () => {
  for (const part of partsOf('one two three, four '.repeat(300)).slice(0, -1)) expect(part).toMatch(/, $/)
  for (const part of partsOf('one two three '.repeat(300)).slice(0, -1)) expect(part).toMatch(/ $/)
})

test('pieces keep their own spaces, but two sentences do not run together', () => {
  for (const [before, piece, space] of [
    ['One.', 'Two.', ' '],
    ['“One!”', '“Two.”', ' '],
    ['Un', 'believable', ''],
    ['One.', ' Two.', ''],
    ['3.', '5', ''],
    ['example.', 'com', ''],
    ['一。', '二。', ''],
    ['', 'One.', ''],
  ] as const)
    expect([before, piece, spaceBetween(before, piece)]).toEqual([before, piece, space])
})

test('the end of a sentence is seen in any script', () => {
  for (const text of ['One.', 'One! ', '“One?”', '一。', 'एक।', 'واحد؟'])
    expect([text, endsSentence(text)]).toEqual([text, true])
  for (const text of ['One', 'One,', '', '3.5']) expect([text, endsSentence(text)]).toEqual([text, false])
})

test('a voice is a model name, which ends in its language', () => {
  for (const voice of ['aura-2-thalia-en', 'aura-asteria-en', 'aura-2-celeste-es']) expect(voice).toMatch(voicePattern)
  for (const voice of [
    '',
    'thalia',
    'flux-alexis-en',
    'aura-2-thalia',
    'e0f39dc4-f691-4e78-bba5-5c636692cc04',
    'aura-2-x-en&a=b',
  ])
    expect(voice).not.toMatch(voicePattern)
  expect([languagesOf('aura-2-celeste-es'), languagesOf('other')]).toEqual([['es'], undefined])
  expect([0.1, 0.7, 1.2, 9].map(allowedSpeed)).toEqual([0.7, 0.7, 1.2, 1.5])
})
