import { describe, expect, test } from 'vitest'
import { createBridgeReader, createPhoneFrames } from '../../../../scripts/bench/phone-frames.ts'
import { createPlayout } from '../../../../scripts/bench/playout.ts'
import { createVoice, readHead } from '../../../../scripts/bench/sound.ts'
import { speechContext } from '../../../../scripts/bench/speech-messages.ts'
import { readTwiml } from '../../../../scripts/bench/webhook.ts'
import { createFrameReader, encodeFrame, opcodes } from '../../../../scripts/bench/wire/frame.ts'
import { closeContextMessage, endMessage, initMessage, textMessage } from '../../../../src/speech/async/protocol.ts'
import {
  createMediaEncoder,
  encodeClear,
  createMarkEncoder,
  parseStreamMessage,
} from '../../../../src/twilio/media-stream.ts'
import { connectStream, rejectCall } from '../../../../src/twilio/twiml.ts'

const streamSid = `MZ${'a'.repeat(32)}`
const callSid = `CA${'b'.repeat(32)}`

describe('websocket frames', () => {
  const lengths = [0, 1, 125, 126, 65_535, 65_536]

  test.each([true, false])('of every length come out as they went in, however they are cut (masked: %s)', (masked) => {
    const contents = lengths.map((length) => 'x'.repeat(length))
    const all = Buffer.concat(contents.map((content) => encodeFrame(opcodes.text, content, masked)))
    for (const cut of [1_000, 1, all.length]) {
      const got: string[] = []
      const read = createFrameReader((_opcode, content) => got.push(content.toString('latin1')))
      const upTo = cut === 1 ? 400 : all.length
      for (let at = 0; at < upTo; at += cut) read(all.subarray(at, at + cut))
      expect(got).toEqual(cut === 1 ? contents.slice(0, 4) : contents)
    }
  })

  test('a mask is taken off', () => {
    const frame = encodeFrame(opcodes.binary, Buffer.from([1, 2, 3, 4, 5]), true)
    frame.set([9, 8, 7, 6], 2)
    frame.set([1 ^ 9, 2 ^ 8, 3 ^ 7, 4 ^ 6, 5 ^ 9], 6)
    const got: number[][] = []
    createFrameReader((_opcode, content) => got.push([...content]))(frame)
    expect(got).toEqual([[1, 2, 3, 4, 5]])
  })

  test('a fragment is no frame that anybody should send here', () => {
    const read = createFrameReader(() => {})
    expect(() => read(Buffer.from([0x01, 0x00]))).toThrow('fragmented')
  })
})

describe('what the phone says is what Twilio says', () => {
  const frames = createPhoneFrames(streamSid, callSid)

  test('the server reads every message, with counters that go up by one', () => {
    const messages = [
      frames.start({ callId: 'x' }),
      frames.media('AAAA'),
      frames.mark('g1:m1'),
      frames.dtmf('1'),
      frames.media('BBBB'),
      frames.stop(),
    ].map((text) => parseStreamMessage(text))
    expect(parseStreamMessage(frames.connected)).toMatchObject({ event: 'connected', version: '1.0.0' })
    expect(messages.map((message) => ('sequenceNumber' in message ? message.sequenceNumber : 0))).toEqual([
      1, 2, 3, 4, 5, 6,
    ])
    expect(messages).toMatchObject([
      { event: 'start', callSid, customParameters: { callId: 'x' } },
      { event: 'media', chunk: 1, payload: 'AAAA', track: 'inbound', timestampMs: 97 },
      { event: 'mark', name: 'g1:m1' },
      { event: 'dtmf', digit: '1' },
      { event: 'media', chunk: 2, payload: 'BBBB', timestampMs: 117 },
      { event: 'stop', callSid },
    ])
  })

  test('it takes what the server sends, in any form of JSON, and nothing for another stream', () => {
    const read = createBridgeReader(streamSid)
    expect(read(createMediaEncoder(streamSid)('AAAA'))).toEqual({ event: 'media', payload: 'AAAA' })
    expect(read(`{ "streamSid":"${streamSid}", "event":"media", "media":{"payload":"AAAA"}}`)).toEqual({
      event: 'media',
      payload: 'AAAA',
    })
    expect(read(createMarkEncoder(streamSid)('g1:m1'))).toEqual({ event: 'mark', name: 'g1:m1' })
    expect(read(encodeClear(streamSid))).toEqual({ event: 'clear' })
    const foreign = createMediaEncoder(`MZ${'c'.repeat(32)}`)('AAAA')
    for (const text of [foreign, 'x', '[]', 'null', `{"event":"stop","streamSid":"${streamSid}"}`])
      expect(read(text)).toEqual({ event: 'invalid' })
  })
})

test('of a TwiML document the stream is read, with its parameters; one that declines has none', () => {
  const streamUrl = 'wss://example.com/twilio/media'
  const parameters = { callId: 'a&b', token: '<"1">' }
  expect(readTwiml(connectStream({ streamUrl, parameters, actionUrl: 'https://example.com/x?a=1&b=2' }))).toEqual({
    url: streamUrl,
    parameters,
  })
  expect(readTwiml(rejectCall('busy'))).toBeUndefined()
})

test('the speech service understands what the server says to Async', () => {
  expect(speechContext(initMessage({ modelId: 'm', voiceId: 'v' })).contextId).toBeUndefined()
  expect(speechContext(textMessage('c', 'Hello.'))).toEqual({ contextId: 'c', transcript: 'Hello. ', closed: false })
  expect(speechContext(endMessage('c'))).toEqual({ contextId: 'c', transcript: '', closed: false })
  expect(speechContext(closeContextMessage('c')).closed).toBe(true)
})

describe('the play-out clock', () => {
  test('a mark comes back when the sound before it was played, and at once when nothing waits', () => {
    const playout = createPlayout()
    playout.mark('empty', 1000)
    playout.append(800, 1000)
    playout.append(800, 1050)
    playout.mark('behind', 1060)
    expect(playout.takeDue(1060)).toBe('empty')
    expect(playout.takeDue(1199)).toBeUndefined()
    expect(playout.takeDue(1200)).toBe('behind')
    expect(playout.takeDue(9999)).toBeUndefined()
  })

  test('a line that ran dry plays on from when sound comes again', () => {
    const playout = createPlayout()
    playout.append(800, 0)
    playout.append(800, 500)
    playout.mark('end', 500)
    expect(playout.takeDue(599)).toBeUndefined()
    expect(playout.takeDue(600)).toBe('end')
  })

  test('a clear gives all marks back, and what comes next is played at once', () => {
    const playout = createPlayout()
    playout.append(80_000, 0)
    playout.mark('a', 0)
    playout.mark('b', 0)
    playout.clear(100)
    expect([playout.takeDue(100), playout.takeDue(100)]).toEqual(['a', 'b'])
    playout.append(800, 100)
    playout.mark('c', 100)
    expect(playout.takeDue(200)).toBe('c')
  })
})

test('a chunk is as long as it says, names its place, and is like no other', () => {
  const voice = createVoice(20)
  const chunks = [0, 1, 2, 61, 5000].flatMap((place) => [1, 2, 4000].map((stream) => voice.payload(stream, place)))
  expect(new Set(chunks).size).toBe(chunks.length)
  for (const chunk of chunks) {
    expect(chunk.length).toBe(voice.chars)
    expect(Buffer.from(chunk, 'base64').length).toBe(voice.chunkBytes)
  }
  expect(readHead(voice.payload(4000, 5000))).toEqual({ stream: 4000, place: 5000 })
  expect(readHead('AAAA')).toBeUndefined()
})
