import { describe, expect, test } from 'vitest'
import { createTurns } from '../../../../../src/hearing/deepgram/flux/turns.ts'
import type { TurnInfo } from '../../../../../src/hearing/deepgram/flux/protocol.ts'
import { createHeardRecorder } from '../../../../contract/heard-recorder.ts'

function stage() {
  const recorder = createHeardRecorder()
  const transcriber = createTurns((event) => recorder.heard(event))
  return {
    recorder,
    transcriber,
    /** What comes of a turn: its number, the event, the text, and where the audio has come to. */
    turn: (turn: number, event: TurnInfo['event'], text: string, endMs: number, connectionMs = 0) =>
      void transcriber.take({ kind: 'turn', turn, event, text, endMs }, connectionMs),
    told: () => recorder.events.map((event) => ('text' in event ? `${event.type} ${event.text}` : event.type)),
  }
}

test('a turn is told as started, its words as they come, and an utterance', () => {
  const { turn, told, recorder, transcriber } = stage()
  turn(0, 'update', '', 500)
  turn(0, 'start', 'the', 800)
  turn(0, 'update', 'the second', 1000)
  turn(0, 'update', 'the second', 1250)
  turn(0, 'end', 'The second.', 1500)
  expect(told()).toEqual(['started', 'interim the', 'interim the second', 'final The second.', 'utterance The second.'])
  expect([recorder.breaches, transcriber.pending, transcriber.toldMs]).toEqual([[], '', 1500])
})

test('a turn without words is a cough: started, and nothing more', () => {
  const { turn, told } = stage()
  turn(0, 'start', '', 500)
  turn(0, 'end', '', 900)
  turn(1, 'start', 'yes', 2000)
  turn(1, 'end', 'yes', 2500)
  expect(told()).toEqual(['started', 'started', 'interim yes', 'final yes', 'utterance yes'])
})

test('words without a StartOfTurn are told all the same, behind a started', () => {
  const { turn, told } = stage()
  turn(0, 'update', 'yes', 500)
  turn(0, 'end', 'yes', 900)
  turn(1, 'end', 'no', 2000)
  expect(told()).toEqual([
    'started',
    'interim yes',
    'final yes',
    'utterance yes',
    'started',
    'final no',
    'utterance no',
  ])
})

test('what comes of a turn that is over is not told again', () => {
  const { turn, told } = stage()
  turn(3, 'start', 'yes', 500)
  for (let times = 0; times < 2; times++) turn(3, 'end', 'yes', 900)
  turn(3, 'update', 'yes and', 1000)
  turn(2, 'end', 'old', 1200)
  expect(told()).toEqual(['started', 'interim yes', 'final yes', 'utterance yes'])
})

test('a turn whose end never comes ends with the next', () => {
  const { turn, told } = stage()
  turn(0, 'start', 'yes', 500)
  turn(1, 'start', 'no', 3000)
  turn(1, 'end', 'no', 3500)
  expect(told().filter((event) => event.startsWith('utterance'))).toEqual(['utterance yes', 'utterance no'])
})

describe('an end that was concluded', () => {
  test('is not told again; what the turn brings behind it is an utterance of its own', () => {
    const { turn, told, transcriber } = stage()
    turn(0, 'start', 'the second', 1000)
    transcriber.conclude()
    turn(0, 'update', 'the second', 5000)
    expect(told()).toEqual(['started', 'interim the second', 'utterance the second'])
    turn(0, 'update', 'the second please', 6000)
    turn(0, 'end', 'the second please', 7000)
    expect(told().slice(3)).toEqual(['started', 'interim please', 'final please', 'utterance please'])
  })

  test('is found again where its words are written otherwise meanwhile', () => {
    const { turn, told, transcriber } = stage()
    turn(0, 'start', 'the second', 1000)
    transcriber.conclude()
    turn(0, 'end', 'The second, please.', 7000)
    expect(told().slice(3)).toEqual(['started', 'final please.', 'utterance please.'])
  })

  test('has nothing to do with the next turn', () => {
    const { turn, told, transcriber } = stage()
    turn(0, 'start', 'the second', 1000)
    transcriber.conclude()
    turn(0, 'end', 'the second', 5000)
    turn(1, 'end', 'the second one', 9000)
    expect(told().at(-1)).toBe('utterance the second one')
  })

  test('has nothing to do with the next turn, also where the end of its own never comes', () => {
    const { turn, told, transcriber } = stage()
    turn(0, 'start', 'the second', 1000)
    transcriber.conclude()
    turn(1, 'end', 'no the third', 9000)
    expect(told().at(-1)).toBe('utterance no the third')
  })
})

describe('a new connection', () => {
  test('hears a turn again that was cut, if its audio is kept; turns count anew', () => {
    const { turn, told, transcriber } = stage()
    turn(5, 'end', 'yes', 1000)
    turn(6, 'start', 'one', 1800)
    turn(6, 'update', 'one two', 2000)
    transcriber.resume(1000)
    expect(transcriber.toldMs).toBe(1000)
    turn(0, 'update', '', 300, 1000)
    turn(0, 'start', 'one', 800, 1000)
    turn(0, 'end', 'one two three', 1500, 1000)
    expect(told().slice(5)).toEqual([
      'interim one two',
      'interim one',
      'final one two three',
      'utterance one two three',
    ])
    expect(transcriber.toldMs).toBe(2500)
  })

  test('does not hear again what is not kept: it is told for good, and what comes is put behind it', () => {
    const { turn, told, transcriber, recorder } = stage()
    turn(0, 'start', 'one two', 4000)
    transcriber.resume(1000)
    expect([transcriber.pending, transcriber.toldMs]).toEqual(['one two', 4000])
    turn(0, 'start', 'three', 500, 4000)
    turn(0, 'end', 'three', 900, 4000)
    expect(told().slice(2)).toEqual(['final one two', 'interim three', 'final three', 'utterance one two three'])
    expect(recorder.breaches).toEqual([])
  })

  test('tells no words twice that were concluded before it heard them again', () => {
    const { turn, told, transcriber } = stage()
    turn(0, 'start', 'yes', 1000)
    transcriber.resume(0)
    transcriber.conclude()
    turn(0, 'update', '', 300)
    turn(0, 'start', 'Yes,', 1000)
    turn(0, 'end', 'Yes, please.', 1500)
    expect(told()).toEqual(['started', 'interim yes', 'utterance yes', 'started', 'final please.', 'utterance please.'])
  })

  test('tells no words twice that it had heard again when they were concluded', () => {
    const { turn, told, transcriber } = stage()
    turn(0, 'start', 'yes', 1000)
    transcriber.resume(0)
    turn(0, 'start', 'yes please', 1500)
    transcriber.conclude()
    turn(0, 'end', 'yes please now', 6000)
    expect(told().filter((event) => event.startsWith('utterance'))).toEqual(['utterance yes please', 'utterance now'])
  })

  test('that hears something else tells all of it', () => {
    const { turn, told, transcriber } = stage()
    turn(0, 'start', 'yes', 1000)
    transcriber.resume(0)
    transcriber.conclude()
    turn(0, 'end', 'no thanks', 1500)
    expect(told().at(-1)).toBe('utterance no thanks')
  })

  test('that hears nothing of it does not take the words back', () => {
    const { turn, told, transcriber } = stage()
    turn(0, 'start', 'yes', 1000)
    transcriber.resume(0)
    turn(0, 'update', '', 3000)
    turn(0, 'end', '', 4000)
    expect(transcriber.pending).toBe('yes')
    transcriber.conclude()
    expect(told().at(-1)).toBe('utterance yes')
  })
})

test('audio of silence is let go of, but for the last two seconds, in which a word may have begun', () => {
  const { turn, transcriber } = stage()
  turn(0, 'update', '', 10_000)
  expect(transcriber.toldMs).toBe(8000)
  turn(0, 'start', 'yes', 11_000)
  turn(0, 'update', 'yes', 14_000)
  expect(transcriber.toldMs).toBe(8000)
})
