import { expect, test } from 'vitest'
import {
  addPart,
  clearBook,
  createBook,
  createSegment,
  endFirst,
  flushedSegment,
  ignoreFlush,
  openSegment,
  takeBack,
} from '../../../../src/speech/deepgram/book.ts'
import { createUtterance } from '../../../../src/speech/deepgram/utterance.ts'

const newUtterance = () => createUtterance({ audio: () => {}, ended: () => {} })

/** Segments that were sent with their Flush, one utterance each. */
function sent(...texts: string[]) {
  const book = createBook()
  const utterances = texts.map((text) => {
    const utterance = newUtterance()
    const segment = createSegment(utterance)
    addPart(segment, utterance, text, 1)
    Object.assign(segment, { open: false, askedAt: 100 })
    book.segments.push(segment)
    return utterance
  })
  return { book, utterances }
}

test('a Flushed ends the first segment under way', () => {
  const { book } = sent('One.', 'Two.')
  expect(flushedSegment(book)).toBe(book.segments[0])
})

test('a Flushed before Cleared, or before the Flush, ends nothing', () => {
  const { book, utterances } = sent('One.')
  clearBook(book, 200)
  expect(flushedSegment(book)).toBeUndefined()
  const empty = createBook()
  const [one] = utterances
  if (one) empty.segments.push(createSegment(one))
  expect(flushedSegment(empty)).toBeUndefined()
})

test('as many Flushed as were dropped may still come; they end nothing while a new text has too little audio', () => {
  const { book } = sent('One.', 'Two.')
  clearBook(book, 200)
  book.clearingSince = undefined
  const next = sent('Three.').book.segments[0]
  if (!next) throw new Error('expected a segment')
  book.segments.push(next)
  expect([flushedSegment(book), flushedSegment(book)]).toEqual([undefined, undefined])
  expect(flushedSegment(book)).toBe(next)
})

test('and a Flushed after enough audio is the new text’s own, whatever was dropped', () => {
  const { book } = sent('One.', 'Two.')
  clearBook(book, 200)
  book.clearingSince = undefined
  const next = sent('Three.').book.segments[0]
  if (!next) throw new Error('expected a segment')
  book.segments.push(next)
  next.audioBytes = 8 * 1000
  expect(flushedSegment(book)).toBe(next)
  next.flushedAt = 300
  endFirst(book, 300)
  expect(book.stale).toBe(0)
})

test('the time of a segment begins when its turn comes', () => {
  const { book } = sent('One.', 'Two.')
  endFirst(book, 5000)
  expect(book.segments[0]?.askedAt).toBe(5000)
})

test('what is taken back stands before what was not sent, in the order in which it was written', () => {
  const { book, utterances } = sent('One. ')
  const [one] = utterances
  if (!one) throw new Error('expected an utterance')
  const more = createSegment(one)
  addPart(more, one, 'Two. ', 1)
  addPart(more, one, 'Three. ', 1)
  book.segments.push(more)
  one.unsent = 'Four.'
  takeBack(clearBook(book, 200))
  expect(one.unsent).toBe('One. Two. Three. Four.')
})

test('nothing is given back to an utterance that is over', () => {
  const { book, utterances } = sent('One.', 'Two.')
  for (const utterance of utterances.slice(0, 1)) utterance.over = true
  takeBack(clearBook(book, 200))
  expect(utterances.map(({ unsent }) => unsent)).toEqual(['', 'Two.'])
})

test('the last Flush that is not answered was the ignored one; when those before are ignored too, all end together', () => {
  const { book, utterances } = sent('One.', 'Two.')
  const [first, second] = book.segments
  ignoreFlush(book, 200)
  expect([openSegment(book), second?.joined, second?.ignoredAt]).toEqual([second, false, 200])
  ignoreFlush(book, 300)
  expect(book.segments).toEqual([first])
  expect(first).toMatchObject({ joined: true, open: true, due: true, ignoredAt: 300, owners: utterances })
  expect(first?.parts.map(({ text }) => text)).toEqual(['One.', 'Two.'])
  ignoreFlush(book, 400)
  expect(book.segments).toEqual([first])
})
