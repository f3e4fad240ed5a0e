import { expect, test } from 'vitest'
import { createTranscript } from '../../../../src/hearing/async/transcript.ts'

function stage() {
  const told: string[] = []
  const transcript = createTranscript((event) =>
    told.push('text' in event ? `${event.type} ${event.text}` : event.type),
  )
  return { told, transcript }
}

test('an utterance is its final texts, and what was told last', () => {
  const { told, transcript } = stage()
  transcript.interim('I want')
  transcript.final('I want to', 0)
  transcript.interim('move')
  expect([transcript.pending, transcript.open]).toEqual(['I want to move', true])
  transcript.end()
  expect(told).toEqual(['started', 'interim I want', 'final I want to', 'interim move', 'utterance I want to move'])
  expect([transcript.pending, transcript.open]).toEqual(['', false])
  transcript.end()
  expect(told).toHaveLength(5)
})

test('a final reply without text makes final what was told last; an empty one takes it back', () => {
  const { told, transcript } = stage()
  transcript.interim('yes')
  transcript.final(undefined, 0)
  transcript.interim('uh')
  transcript.final('', 1000)
  transcript.end()
  expect(told).toEqual(['started', 'interim yes', 'final yes', 'interim uh', 'utterance yes'])
})

test('a final text that comes twice is told once; said again it is told again', () => {
  const { told, transcript } = stage()
  transcript.final('yes', 0)
  transcript.end()
  transcript.final('yes', 400)
  transcript.end()
  expect(told).toEqual(['started', 'final yes', 'utterance yes'])
  transcript.interim('yes')
  transcript.final('yes', 450)
  transcript.end()
  transcript.final('yes', 2000)
  transcript.end()
  expect(told.filter((text) => text === 'utterance yes')).toHaveLength(3)
})

test('the same guess is told once, and one that is taken back leaves nothing', () => {
  const { told, transcript } = stage()
  transcript.interim('no')
  transcript.interim('no')
  transcript.interim('')
  transcript.end()
  expect(told).toEqual(['started', 'interim no'])
  transcript.interim('yes')
  expect(told.at(-1)).toBe('interim yes')
})
