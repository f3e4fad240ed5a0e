import { describe, expect, test } from 'vitest'
import { fluxUrl, isFlux, readFluxFrame } from '../../../../../src/hearing/deepgram/flux/protocol.ts'

describe('the address', () => {
  const asked = { model: 'flux-general-en', endOfTurnMs: 2000 }

  test('asks for mu-law as a phone has it, and nothing that is not documented', () => {
    expect(fluxUrl('https://api.deepgram.com', asked)).toBe(
      'wss://api.deepgram.com/v2/listen?model=flux-general-en&encoding=mulaw&sample_rate=8000&eot_timeout_ms=2000',
    )
    expect(fluxUrl('nonsense', asked)).toBeUndefined()
  })

  test.each([
    ['flux-general-en', 'en-US', null],
    ['flux-general-multi', 'de', 'de'],
    ['flux-general-multi', 'pt-BR', 'pt-BR'],
    ['flux-general-multi', 'multi', null],
    ['flux-general-multi', undefined, null],
  ])('a language is a hint, for the model that takes one: %s, %s', (model, language, hint) => {
    const { searchParams } = new URL(fluxUrl('http://127.0.0.1:1', { ...asked, model, language }) ?? '')
    expect([searchParams.get('language_hint'), searchParams.get('language')]).toEqual([hint, null])
  })

  test('phrases are terms, each once', () => {
    const phrases = ['keep it', ' keep it ', '', 'Müller', '\ud800']
    const { searchParams } = new URL(fluxUrl('http://127.0.0.1:1', { ...asked, phrases }) ?? '')
    expect(searchParams.getAll('keyterm')).toEqual(['keep it', 'Müller', '\ufffd'])
  })
})

test('a model says by its name which way it listens', () => {
  expect(['flux-general-en', 'flux-general-multi', 'nova-3', 'nova-3-flux'].map(isFlux)).toEqual([
    true,
    true,
    false,
    false,
  ])
})

describe('a frame', () => {
  const read = (frame: unknown) => readFluxFrame(Buffer.from(JSON.stringify(frame)), false)
  const turn = {
    type: 'TurnInfo',
    request_id: 'x',
    sequence_id: 4,
    event: 'Update',
    turn_index: 2,
    audio_window_start: 1.2,
    audio_window_end: 3.456,
    transcript: ' Hello there. ',
    words: [{ word: 'Hello', confidence: 0.9 }],
    end_of_turn_confidence: 0.3,
  }

  test.each([
    ['StartOfTurn', 'start'],
    ['Update', 'update'],
    ['EagerEndOfTurn', 'update'],
    ['TurnResumed', 'update'],
    ['EndOfTurn', 'end'],
    ['SomethingNew', 'update'],
  ])('of the event %s is read as %s: only the end is one', (event, meaning) => {
    expect(read({ ...turn, event })).toEqual({
      kind: 'turn',
      event: meaning,
      turn: 2,
      text: 'Hello there.',
      endMs: 3456,
    })
  })

  test.each([
    ['Connected', { type: 'Connected', request_id: 'x', sequence_id: 0 }, { kind: 'metadata' }],
    ['Error', { type: 'Error', sequence_id: 3, code: 'X', description: 'said' }, { kind: 'error', code: 'X' }],
    ['Error without a code', { type: 'Error', code: 7 }, { kind: 'error', code: undefined }],
    ['another', { type: 'ConfigureSuccess' }, { kind: 'unknown' }],
    ['no event', { ...turn, event: null }, { kind: 'unknown' }],
    ['no text', { ...turn, transcript: undefined }, { kind: 'unknown' }],
    ['no window', { ...turn, audio_window_end: '3' }, { kind: 'unknown' }],
    ['a window before the beginning', { ...turn, audio_window_end: -1 }, { kind: 'unknown' }],
    ['no number', { ...turn, turn_index: undefined }, { kind: 'unknown' }],
    ['a number that is none', { ...turn, turn_index: 1.5 }, { kind: 'unknown' }],
    ['a list', [turn], { kind: 'unknown' }],
  ])('%s', (_what, frame, expected) => {
    expect(read(frame)).toEqual(expected)
  })

  test('that is no JSON is malformed, one of bytes unknown', () => {
    expect(readFluxFrame(Buffer.from('{'), false)).toEqual({ kind: 'malformed' })
    expect(readFluxFrame(Buffer.from(JSON.stringify(turn)), true)).toEqual({ kind: 'unknown' })
  })
})
