import { expect, test } from 'vitest'
import { languagesOf } from '../../../../src/speech/async/models.ts'
import { readPayload } from '../../../../src/speech/async/payload.ts'
import {
  initMessage,
  keepaliveMessage,
  readFrame,
  socketUrl,
  textMessage,
} from '../../../../src/speech/async/protocol.ts'

const read = (frame: unknown) => readFrame(JSON.stringify(frame))

test('audio, with and without a context id, and final on the audio itself', () => {
  expect(read({ context_id: 'c', audio: 'AAAA', final: false })).toEqual({
    kind: 'audio',
    contextId: 'c',
    payload: 'AAAA',
    audioBytes: 3,
    final: false,
  })
  expect(read({ audio: 'AAA=', final: true })).toMatchObject({ contextId: undefined, audioBytes: 2, final: true })
  expect(read({ context_id: '', audio: 'AAAA' })).toMatchObject({ contextId: undefined })
  expect(read({ context_id: null, audio: 'AA==' })).toMatchObject({ contextId: undefined, audioBytes: 1, final: false })
})

test('final, with or without its empty audio', () => {
  expect(read({ context_id: 'c', audio: '', final: true })).toEqual({ kind: 'final', contextId: 'c' })
  expect(read({ final: true })).toEqual({ kind: 'final', contextId: undefined })
})

test('errors in both forms; what they hold besides a code and a delay is not read', () => {
  const timeout = { error_code: 'TIMEOUT', message: 'Timeout', request_id: 'unknown', extra: null }
  expect(read(timeout)).toEqual({ kind: 'error', code: 'TIMEOUT', contextId: undefined, retryAfterMs: undefined })
  const rate = { error_code: 'RATE_LIMIT_EXCEEDED', message: 'm', extra: { limit: 120, retry_after_ms: 8500 } }
  expect(read({ detail: rate, context_id: 'c' })).toEqual({
    kind: 'error',
    code: 'RATE_LIMIT_EXCEEDED',
    contextId: 'c',
    retryAfterMs: 8500,
  })
  for (const retry_after_ms of ['8500', -1, null, {}])
    expect(read({ error_code: 'X', extra: { retry_after_ms } })).toMatchObject({ retryAfterMs: undefined })
})

test('init_ack, with or without an id', () => {
  expect(read({ event: 'init_ack', context_id: 'server', more: 1 })).toEqual({ kind: 'ack', contextId: 'server' })
  expect(read({ event: 'init_ack' })).toEqual({ kind: 'ack', contextId: undefined })
})

test.each(['', '{', '{"audio":"AAAA', 'undefined', '\u0000'])('%j is malformed', (text) => {
  expect(readFrame(text)).toMatchObject({ kind: 'malformed', reason: 'json' })
})

test('JSON of any depth and size is read without an error', () => {
  expect(readFrame(`${'['.repeat(200_000)}${']'.repeat(200_000)}`).kind).toMatch(/unknown|malformed/)
  expect(readFrame(`{"a":"${'x'.repeat(5_000_000)}"}`)).toEqual({ kind: 'unknown' })
})

test('bad base64 is malformed, but a final with it still counts', () => {
  expect(read({ context_id: 'c', audio: '%%%', final: true })).toEqual({
    kind: 'malformed',
    reason: 'base64',
    contextId: 'c',
    final: true,
  })
})

test('a valid payload is the same string; missing padding is added; all else is refused', () => {
  for (const bytes of [1, 2, 3, 160, 999]) {
    const base64 = Buffer.alloc(bytes, 0xa7).toString('base64')
    expect(readPayload(base64)).toEqual({ base64, audioBytes: bytes })
    expect(readPayload(base64.replace(/=+$/, ''))).toEqual({ base64, audioBytes: bytes })
  }
  expect(readPayload('AA=')).toEqual({ base64: 'AA==', audioBytes: 1 })
  for (const text of ['', 'A', 'AAAAA', '=', 'A===', 'AA-_', 'AA AA', 'AAAA\n', 'AAA=A', 'é', 'data:;base64,AAAA'])
    expect(readPayload(text), text).toBeUndefined()
})

test('a payload of 12 MiB is checked too', () => {
  const base64 = 'A'.repeat(12 * 1024 * 1024)
  expect(readPayload(base64)?.audioBytes).toBe(9 * 1024 * 1024)
  expect(readPayload(`${base64}-`)).toBeUndefined()
})

test('the scheme of the socket follows from the address, and the query is encoded', () => {
  const of = (url: string) => socketUrl({ url, apiKey: 'a b&c/d', version: 'v1' })
  const rest = 'text_to_speech/websocket/ws?api_key=a%20b%26c%2Fd&version=v1'
  expect(of('https://api.async.com')).toBe(`wss://api.async.com/${rest}`)
  expect(of('http://127.0.0.1:8080/')).toBe(`ws://127.0.0.1:8080/${rest}`)
  expect(of('http://[::1]:8080')).toBe(`ws://[::1]:8080/${rest}`)
  expect(of('wss://user:pass@api.async.com/proxy/#x')).toBe(`wss://api.async.com/proxy/${rest}`)
  expect(socketUrl({ url: 'https://x', apiKey: '\ud800', version: 'v1' })).toContain('api_key=%EF%BF%BD')
  for (const url of ['', 'api.async.com', 'ftp://x', 'http://', 'mailto:a@b']) expect(of(url)).toBeUndefined()
})

test('no language is sent where none is set', () => {
  expect(JSON.parse(initMessage({ modelId: 'm', voiceId: 'v' }))).not.toHaveProperty('language')
})

test('a text goes as it is, but for the space at its end', () => {
  const text = '  He said "no" <break time=\'400ms\'/> 你好 \u{1f600}.\n\t '
  expect(JSON.parse(textMessage('c', text))).toEqual({ transcript: `${text.trimEnd()} `, context_id: 'c', force: true })
})

test('a keepalive names the context that is spoken, if one is', () => {
  expect(JSON.parse(keepaliveMessage(undefined))).toEqual({ transcript: ' ' })
  expect(JSON.parse(keepaliveMessage('c'))).toEqual({ transcript: ' ', context_id: 'c' })
})

test('languages are known for the models of the docs, and for no other', () => {
  expect(languagesOf('async_pro_v1.0')).toEqual(['en'])
  expect(languagesOf('async_flash_v1.5')).toEqual(['en', 'es', 'fr', 'de', 'it', 'pt'])
  expect(languagesOf('async_flash_v1.0')).toHaveLength(15)
  expect(languagesOf('async_flash_v9')).toBeUndefined()
})
