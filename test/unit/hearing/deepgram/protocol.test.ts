import { describe, expect, test } from 'vitest'
import { errorCodeIn, readFrame, socketUrl } from '../../../../src/hearing/deepgram/protocol.ts'

const asked = { model: 'nova-3', endpointingMs: 300, utteranceEndMs: 1000 }
const read = (frame: unknown) => readFrame(Buffer.from(JSON.stringify(frame)), false)

describe('the address', () => {
  test('asks for mu-law at 8,000 Hz with everything that an utterance is told by, and for nothing else', () => {
    expect(socketUrl('https://api.deepgram.com', asked)).toBe(
      'wss://api.deepgram.com/v1/listen?model=nova-3&encoding=mulaw&sample_rate=8000&channels=1&interim_results=true' +
        '&endpointing=300&utterance_end_ms=1000&vad_events=true',
    )
  })

  test('takes a language and phrases, each once and none that is empty', () => {
    const url = socketUrl('http://127.0.0.1:1', { ...asked, language: 'de', phrases: ['a b', ' a b ', '', 'ü&='] })
    const query = new URL(url ?? '').searchParams
    expect([query.get('language'), query.getAll('keyterm')]).toEqual(['de', ['a b', 'ü&=']])
  })

  test('phrases that are too many or too long are left out', () => {
    const many = Array.from({ length: 200 }, (_, n) => `p${n}`)
    const count = (phrases: string[]) =>
      new URL(socketUrl('http://h', { ...asked, phrases }) ?? '').searchParams.getAll('keyterm').length
    expect([count(many), count(['x'.repeat(1500), 'y'.repeat(1500)])]).toEqual([100, 1])
  })

  test('a model that takes no phrases gets none', () => {
    expect(socketUrl('http://h', { ...asked, model: 'nova-2-phonecall', phrases: ['a'] })).not.toContain('keyterm')
  })

  test('what is no web address makes none', () => {
    expect(socketUrl('ftp://h', asked)).toBeUndefined()
  })
})

describe('a frame', () => {
  test('results are a stretch of audio with its words', () => {
    const words = [
      { word: 'yes', punctuated_word: 'Yes.', start: 1.04, end: 1.4, confidence: 1 },
      { word: 'no', start: 1.4, end: 1.6 },
      { word: 'odd', start: '1' },
      null,
    ]
    const channel = { alternatives: [{ transcript: ' Yes. no ', words }, { transcript: 'less' }] }
    expect(read({ type: 'Results', start: 1, duration: 0.62, is_final: true, speech_final: false, channel })).toEqual({
      kind: 'results',
      startMs: 1000,
      endMs: 1620,
      text: 'Yes. no',
      words: [
        { text: 'Yes.', startMs: 1040, endMs: 1400 },
        { text: 'no', startMs: 1400, endMs: 1600 },
      ],
      isFinal: true,
      speechFinal: false,
    })
  })

  test.each([
    [{ type: 'SpeechStarted', channel: [0, 1] }, { kind: 'started' }],
    [
      { type: 'UtteranceEnd', last_word_end: 2.5 },
      { kind: 'utterance-end', lastWordEndMs: 2500 },
    ],
    [{ type: 'UtteranceEnd' }, { kind: 'utterance-end', lastWordEndMs: undefined }],
    [{ type: 'Metadata' }, { kind: 'metadata' }],
    [
      { type: 'Error', err_code: 'X' },
      { kind: 'error', code: 'X' },
    ],
    [
      { type: 'error', code: 'Y' },
      { kind: 'error', code: 'Y' },
    ],
    [{ type: 'Results' }, { kind: 'unknown' }],
    [{ type: 'New' }, { kind: 'unknown' }],
    [[null], { kind: 'unknown' }],
  ])('%j is read as %j', (frame, expected) => {
    expect(read(frame)).toEqual(expected)
  })

  test('what is no JSON is malformed, and binary is nothing of ours', () => {
    expect(readFrame(Buffer.from('{'), false)).toEqual({ kind: 'malformed' })
    expect(readFrame(Buffer.from('{"type":"Metadata"}'), true)).toEqual({ kind: 'unknown' })
  })

  test('the code of a refusal is found in its body, if there is one', () => {
    expect(errorCodeIn('{"err_code":"INVALID_AUTH"}')).toBe('INVALID_AUTH')
    for (const body of ['', 'null', '<html>', '{"err_code":1}']) expect(errorCodeIn(body)).toBeUndefined()
  })
})
