import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { heardText } from '../../../src/call/heard-text.ts'

const sentences = [
  { text: 'One. ', estimateMs: 1000 },
  { text: 'Two and a half. ', estimateMs: 2000 },
  { text: 'Three.', estimateMs: 1000 },
]

describe('what was heard, in words', () => {
  test('all of it, when all audio was heard', () => {
    expect(heardText(sentences, { heardMs: 3000, sentMs: 3000, complete: true })).toBe('One. Two and a half. Three.')
  })

  test('only whole sentences are quoted', () => {
    expect(heardText(sentences, { heardMs: 2500, sentMs: 4000, complete: true })).toBe('One.')
    expect(heardText(sentences, { heardMs: 3000, sentMs: 4000, complete: true })).toBe('One. Two and a half.')
  })

  test('the ends of sentences are stretched to the audio that really came', () => {
    expect(heardText(sentences, { heardMs: 3000, sentMs: 8000, complete: true })).toBe('One.')
    expect(heardText(sentences, { heardMs: 500, sentMs: 2000, complete: true })).toBe('One.')
  })

  test('while audio is still being made, nothing is quoted on the strength of little audio', () => {
    expect(heardText(sentences, { heardMs: 900, sentMs: 900, complete: false })).toBe('One.')
    expect(heardText(sentences, { heardMs: 500, sentMs: 500, complete: false })).toBe('')
  })

  test('nothing heard is nothing quoted', () => {
    expect(heardText(sentences, { heardMs: 0, sentMs: 0, complete: true })).toBe('')
    expect(heardText([], { heardMs: 0, sentMs: 0, complete: true })).toBe('')
  })

  test('the quote only grows as more is heard', () => {
    fc.assert(
      fc.property(fc.nat(6000), fc.nat(6000), fc.nat(6000), fc.boolean(), (a, b, sent, complete) => {
        const sentMs = Math.max(a, b, sent)
        const [less, more] = a < b ? [a, b] : [b, a]
        const one = heardText(sentences, { heardMs: less, sentMs, complete })
        const two = heardText(sentences, { heardMs: more, sentMs, complete })
        expect(two.startsWith(one)).toBe(true)
      }),
    )
  })
})
