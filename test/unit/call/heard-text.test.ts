import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { heardText } from '../../../src/call/heard-text.ts'

const sentences = [
  { text: 'One. ', estimateMs: 1000, pauseMs: 0 },
  { text: 'Two and a half. ', estimateMs: 2000, pauseMs: 0 },
  { text: 'Three.', estimateMs: 1000, pauseMs: 0 },
]

describe('what was heard, in words', () => {
  test('all of it, when all audio was heard', () => {
    expect(heardText(sentences, { heardMs: 3000, sentMs: 3000, complete: true })).toBe('One. Two and a half. Three.')
  })

  test('only whole sentences are quoted, and only when they surely ended', () => {
    expect(heardText(sentences, { heardMs: 1500, sentMs: 4000, complete: true })).toBe('')
    expect(heardText(sentences, { heardMs: 2500, sentMs: 4000, complete: true })).toBe('One.')
    expect(heardText(sentences, { heardMs: 3500, sentMs: 4000, complete: true })).toBe('One. Two and a half.')
  })

  test('shares are stretched to the audio that really came, pauses are not', () => {
    expect(heardText(sentences, { heardMs: 3000, sentMs: 8000, complete: true })).toBe('')
    expect(heardText(sentences, { heardMs: 3300, sentMs: 8000, complete: true })).toBe('One.')
    const waiting = [
      { text: 'Please wait. ', estimateMs: 7000, pauseMs: 6000 },
      { text: 'Now listen to what follows here.', estimateMs: 2000, pauseMs: 0 },
    ]
    expect(heardText(waiting, { heardMs: 7000, sentMs: 9000, complete: true })).toBe('')
    expect(heardText(waiting, { heardMs: 8000, sentMs: 9000, complete: true })).toBe('Please wait.')
  })

  test('while audio is still being made, nothing is quoted on the strength of little audio', () => {
    expect(heardText(sentences, { heardMs: 900, sentMs: 900, complete: false })).toBe('')
    expect(heardText(sentences, { heardMs: 1700, sentMs: 1700, complete: false })).toBe('One.')
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

  const sentence = fc.record({
    speechMs: fc.integer({ min: 300, max: 8000 }),
    pauseMs: fc.constantFrom(0, 0, 0, 400, 3000),
    // Within the factors around a common pace, each may be said faster or slower than thought.
    wrong: fc.double({ min: 0.85, max: 1.25, noNaN: true }),
  })
  test('a sentence that is quoted was heard to its end, when no estimate is wrong by more than the factors', () => {
    fc.assert(
      fc.property(
        fc.array(sentence, { minLength: 1, maxLength: 12 }),
        fc.double({ min: 0.5, max: 2, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (parts, pace, share) => {
          const given = parts.map(({ speechMs, pauseMs }, index) => ({
            text: `${index}.`,
            estimateMs: speechMs + pauseMs,
            pauseMs,
          }))
          let at = 0
          const ends = parts.map(({ speechMs, pauseMs, wrong }) => (at += speechMs * pace * wrong + pauseMs))
          const heardMs = at * share
          const quote = heardText(given, { heardMs, sentMs: at, complete: true })
          const quoted = quote === '' ? 0 : quote.split('.').length - 1
          if (quoted > 0) expect(ends[quoted - 1]).toBeLessThanOrEqual(heardMs + 1e-6)
        },
      ),
      { numRuns: 500 },
    )
  })
})
