import { describe, expect, test } from 'vitest'
import { addText, createSentence, owesAudio } from '../../../../src/speech/failover/sentence.ts'

function sentence(text: string, more: { passedMs?: number; inputEnded?: boolean } = {}) {
  const one = createSentence({ audio: () => {}, ended: () => {} })
  addText(one, text)
  return Object.assign(one, more)
}

describe('whether silence is a fault', () => {
  test('it is while no audio of a text with words came', () => {
    expect(owesAudio(sentence('Hello there.'), false)).toBe(true)
  })

  test('it is not for a text without words', () => {
    expect(owesAudio(sentence(' … <break time="1s"/> '), true)).toBe(false)
  })

  test('it is not while the writer has not ended a sentence of which some was spoken', () => {
    expect(owesAudio(sentence('Hello there.', { passedMs: 100 }), true)).toBe(false)
  })

  test('it is amid a complete sentence, up to the end where the service tells the end', () => {
    const half = sentence('This sentence takes about two seconds.', { passedMs: 500, inputEnded: true })
    expect(owesAudio(half, false)).toBe(true)
    const most = sentence('This sentence takes about two seconds.', { passedMs: 2200, inputEnded: true })
    expect(owesAudio(most, false)).toBe(false)
    expect(owesAudio(most, true)).toBe(true)
  })
})
