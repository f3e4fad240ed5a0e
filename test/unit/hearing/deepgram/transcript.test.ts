import { expect, test } from 'vitest'
import type { Results } from '../../../../src/hearing/deepgram/protocol.ts'
import { createTranscript } from '../../../../src/hearing/deepgram/transcript.ts'

/** What is told in short: s started, ~ interim, = final, ! utterance. */
function stage() {
  const told: string[] = []
  const transcript = createTranscript((event) => {
    if (event.type === 'started') told.push('s')
    else if (event.type !== 'failed')
      told.push(`${{ interim: '~', final: '=', utterance: '!' }[event.type]}${event.text}`)
  })
  /** A result of even words. */
  const result = (text: string, startMs: number, endMs: number, flags: Partial<Results> = {}) => {
    const all = text.split(' ').filter((word) => word !== '')
    const wordMs = (endMs - startMs) / all.length
    const words = all.map((word, n) => ({
      text: word,
      startMs: startMs + n * wordMs,
      endMs: startMs + (n + 1) * wordMs,
    }))
    transcript.results({ startMs, endMs, text, words, isFinal: false, speechFinal: false, ...flags })
  }
  return { told, transcript, result }
}
const final = { isFinal: true }
const last = { isFinal: true, speechFinal: true }

test('an utterance is all its final results up to speech_final', () => {
  const { told, result } = stage()
  result('I', 0, 300)
  result('I want', 0, 600, final)
  result('to', 600, 800)
  result('to move', 600, 1200, final)
  result('', 1200, 1500, last)
  expect(told).toEqual(['s', '~I', '=I want', '~to', '=to move', '!I want to move'])
})

test('UtteranceEnd ends what speech_final did not, with the words that are not final yet', () => {
  const { told, transcript, result } = stage()
  result('keep', 0, 400, final)
  result('it', 400, 800)
  transcript.utteranceEnd(800)
  expect(told).toEqual(['s', '=keep', '~it', '!keep it'])
})

test('UtteranceEnd of an utterance that has ended leaves the next one alone', () => {
  const { told, transcript, result } = stage()
  result('yes', 0, 400, last)
  result('no', 900, 1200)
  transcript.utteranceEnd(400)
  transcript.utteranceEnd(-1)
  expect(told).toEqual(['s', '=yes', '!yes', 's', '~no'])
  transcript.utteranceEnd(undefined)
  expect(told.at(-1)).toBe('!no')
})

test('a result that comes twice, or late, is told once', () => {
  const { told, result } = stage()
  for (let time = 0; time < 3; time++) result('yes', 0, 400, last)
  result('ye', 0, 300)
  expect(told).toEqual(['s', '=yes', '!yes'])
})

test('an interim that comes late does not put out the words of a newer one', () => {
  const { told, transcript, result } = stage()
  result('yes', 0, 400, last)
  result('no', 400, 800)
  result('ye', 0, 300)
  expect(told).toEqual(['s', '=yes', '!yes', 's', '~no'])
  expect(transcript.pending).toBe('no')
})

test('of a result that begins in what was told only the words behind it are new', () => {
  const { told, transcript, result } = stage()
  result('one two', 0, 800)
  transcript.conclude()
  result('one two three four', 0, 1600, last)
  expect(told).toEqual(['s', '~one two', '!one two', 's', '=three four', '!three four'])
})

test('interim words that vanish leave no utterance', () => {
  const { told, transcript, result } = stage()
  result('hm', 0, 300)
  result('', 0, 600)
  transcript.conclude()
  result('', 0, 900, last)
  expect(told).toEqual(['s', '~hm'])
  expect(transcript.pending).toBe('')
})

test('the same interim again is not told again', () => {
  const { told, result } = stage()
  result('yes', 0, 300)
  result('yes', 0, 500)
  expect(told).toEqual(['s', '~yes'])
})

test('a voice without words is started, as often as it comes; amid words it says nothing new', () => {
  const { told, transcript, result } = stage()
  transcript.started()
  transcript.started()
  result('yes', 0, 300)
  transcript.started()
  expect(told).toEqual(['s', 's', '~yes'])
})

test('without times of words a result that was told in part is left out rather than told twice', () => {
  const { told, transcript, result } = stage()
  result('one two', 0, 800)
  transcript.conclude()
  result('one two', 0, 900, { ...last, words: [] })
  expect(told).toEqual(['s', '~one two', '!one two'])
})
