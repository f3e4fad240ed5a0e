import { describe, expect, test } from 'vitest'
import { phraseIn } from '../../../src/call/phrases.ts'

describe('the phrase that was said', () => {
  test.each<[string, string, readonly string[], string | undefined]>([
    ['alone', 'keep', ['keep', 'move'], 'keep'],
    ['among other words', 'I want to keep it', ['keep', 'move'], 'keep'],
    ['in any case and with any marks', 'KEEP!', ['Keep', 'move'], 'Keep'],
    ['of several words', 'well, the second one please', ['the first one', 'the second one'], 'the second one'],
    ['only as whole words', 'Beekeeper', ['keep'], undefined],
    ['none of them', 'What?', ['keep', 'move'], undefined],
    ['two of them', 'keep, no, move', ['keep', 'move'], undefined],
    ['the same one twice', 'yes yes', ['yes', 'no'], 'yes'],
    ['the longer of two that hold each other', 'yes please', ['yes', 'yes please'], 'yes please'],
    ['the shorter of them', 'yes', ['yes', 'yes please'], 'yes'],
    ['one that holds another, and that other again', 'not today but today', ['today', 'not today'], undefined],
    ['with an apostrophe of either kind', 'I don’t know', ["don't"], "don't"],
    ['in letters with accents, composed or not', 'Cafe\u0301', ['café'], 'café'],
    ['in a script without spaces', '予約を変更してください', ['変更', 'キャンセル'], '変更'],
    ['nothing', '', ['keep'], undefined],
    ['a phrase of nothing but marks is never said', 'keep', ['...'], undefined],
  ])('%s', (_what, text, phrases, said) => {
    expect(phraseIn(text, phrases)).toBe(said)
  })
})
