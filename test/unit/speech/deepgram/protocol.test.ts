import { describe, expect, test } from 'vitest'
import {
  clearMessage,
  closeMessage,
  errorCodeIn,
  flushMessage,
  readFrame,
  socketUrl,
  speakMessage,
} from '../../../../src/speech/deepgram/protocol.ts'

const read = (frame: unknown) => readFrame(Buffer.from(JSON.stringify(frame)), false)

describe('what is sent', () => {
  test('the URL asks for the voice as mu-law at 8,000 Hz, with no other parameter and without the key', () => {
    const voice = 'aura-2-thalia-en'
    expect(socketUrl({ url: 'https://api.deepgram.com', voice })).toBe(
      'wss://api.deepgram.com/v1/speak?model=aura-2-thalia-en&encoding=mulaw&sample_rate=8000',
    )
    expect(socketUrl({ url: 'http://127.0.0.1:4020/', voice, speed: 1 })).toBe(
      'ws://127.0.0.1:4020/v1/speak?model=aura-2-thalia-en&encoding=mulaw&sample_rate=8000',
    )
    expect(socketUrl({ url: 'https://x.example/deepgram', voice: 'a&b=c', speed: 1.25 })).toBe(
      'wss://x.example/deepgram/v1/speak?model=a%26b%3Dc&encoding=mulaw&sample_rate=8000&speed=1.25',
    )
    for (const url of ['', 'api.deepgram.com', 'ftp://x']) expect(socketUrl({ url, voice })).toBeUndefined()
  })

  test('messages are as documented, and hold valid Unicode whatever the text', () => {
    expect(JSON.parse(speakMessage('Hello "you". '))).toEqual({ type: 'Speak', text: 'Hello "you". ' })
    expect(speakMessage('half \ud83d')).toContain('\ufffd')
    expect([flushMessage, clearMessage, closeMessage].map((message) => JSON.parse(message) as unknown)).toEqual([
      { type: 'Flush' },
      { type: 'Clear' },
      { type: 'Close' },
    ])
  })
})

describe('what comes', () => {
  test('a binary frame is audio, told by its type and not by what it holds', () => {
    expect(readFrame(Buffer.from([1, 2, 3, 255]), true)).toEqual({ kind: 'audio', payload: 'AQID/w==', audioBytes: 4 })
    expect(readFrame(Buffer.from('{"type":"Flushed"}'), true)).toMatchObject({ kind: 'audio', audioBytes: 18 })
    expect(readFrame(Buffer.alloc(0), true)).toEqual({ kind: 'unknown' })
  })

  test.each([
    [{ type: 'Metadata', request_id: 'x', model_name: 'y' }, { kind: 'metadata' }],
    [{ type: 'Flushed', sequence_id: 3 }, { kind: 'flushed' }],
    [{ type: 'Cleared', sequence_id: 0 }, { kind: 'cleared' }],
    [
      { type: 'Warning', warn_code: 'EXCESSIVE_FLUSH', warn_msg: 'x' },
      { kind: 'warning', code: 'EXCESSIVE_FLUSH' },
    ],
    [
      { type: 'Warning', code: 'EXCESSIVE_FLUSH', description: 'x' },
      { kind: 'warning', code: 'EXCESSIVE_FLUSH' },
    ],
    [{ type: 'Warning' }, { kind: 'warning', code: undefined }],
    [
      { type: 'Error', err_code: 'NET-0000', err_msg: 'x' },
      { kind: 'error', code: 'NET-0000' },
    ],
    [
      { type: 'error', code: 'DATA-0001', description: 'x' },
      { kind: 'error', code: 'DATA-0001' },
    ],
    [
      { type: 'Error', err_code: 7 },
      { kind: 'error', code: undefined },
    ],
    [{ type: 'SpeechMetadata' }, { kind: 'unknown' }],
    [{ type: 7 }, { kind: 'unknown' }],
    [['Flushed'], { kind: 'unknown' }],
    [null, { kind: 'unknown' }],
    [{ __proto__: { type: 'Flushed' } }, { kind: 'unknown' }],
  ])('%j', (frame, expected) => {
    expect(read(frame)).toEqual(expected)
  })

  test('what is no JSON is malformed', () => {
    for (const text of ['', '{', '{"type":"Flushed"', 'Flushed'])
      expect(readFrame(Buffer.from(text), false)).toEqual({ kind: 'malformed' })
  })

  test('the code of a refused handshake is read where there is one', () => {
    expect(errorCodeIn('{"err_code":"INVALID_AUTH","err_msg":"x","request_id":"y"}')).toBe('INVALID_AUTH')
    for (const body of ['', '<html>', '[]', 'null', '{"err_code":7}']) expect(errorCodeIn(body)).toBeUndefined()
  })
})
