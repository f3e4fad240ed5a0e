import { describe, expect, test } from 'vitest'
import { buildMedia, createPhoneFrames, findPayload, readBridge } from '../../../../scripts/bench/phone-frames.ts'
import { takeRow } from '../../../../scripts/bench/phone-rows.ts'
import { appendSound, createPlayout, isMarkDue } from '../../../../scripts/bench/playout.ts'
import { createVoice, readHead } from '../../../../scripts/bench/sound.ts'
import { speechContext } from '../../../../scripts/bench/speech-messages.ts'
import { readTwiml } from '../../../../scripts/bench/webhook.ts'
import { createFrameReader, encodeFrame, opcodes } from '../../../../scripts/bench/wire/frame.ts'
import { createFrameBuilder } from '../../../../scripts/bench/wire/frame-builder.ts'
import { newKey } from '../../../../scripts/bench/wire/mask.ts'
import { closeContextMessage, endMessage, initMessage, textMessage } from '../../../../src/speech/async/protocol.ts'
import {
  encodeMedia,
  mediaHead,
  encodeClear,
  encodeMark,
  parseStreamMessage,
} from '../../../../src/twilio/media-stream.ts'
import { connectStream, rejectCall } from '../../../../src/twilio/twiml.ts'

const streamSid = `MZ${'a'.repeat(32)}`
const callSid = `CA${'b'.repeat(32)}`

describe('websocket frames', () => {
  const lengths = [0, 1, 125, 126, 65_535, 65_536]

  test.each([true, false])('of every length come out as they went in, however they are cut (masked: %s)', (masked) => {
    const contents = lengths.map((length) => 'x'.repeat(length))
    const all = Buffer.concat(
      contents.map((content) => encodeFrame(opcodes.text, content, masked ? newKey() : undefined)),
    )
    for (const cut of [1_000, 1, all.length]) {
      const got: string[] = []
      const read = createFrameReader((_opcode, bytes, from, to) => got.push(bytes.toString('latin1', from, to)))
      const upTo = cut === 1 ? 400 : all.length
      const bytes = Buffer.alloc(all.length)
      // The bytes of a read are used again by the next one.
      for (let at = 0; at < upTo; at += cut) read(bytes, all.copy(bytes, 0, at, Math.min(at + cut, upTo)))
      expect(got).toEqual(cut === 1 ? contents.slice(0, 4) : contents)
    }
  })

  test('a mask is put on as it should be, differs from frame to frame, and is taken off', () => {
    const content = Buffer.from([1, 2, 3, 4, 5])
    const frame = encodeFrame(opcodes.binary, content, 0x06_07_08_09)
    expect([...frame]).toEqual([0x82, 0x85, 9, 8, 7, 6, 1 ^ 9, 2 ^ 8, 3 ^ 7, 4 ^ 6, 5 ^ 9])
    const got: number[][] = []
    createFrameReader((_opcode, bytes, from, to) => got.push([...bytes.subarray(from, to)]))(frame, frame.length)
    expect(got).toEqual([[1, 2, 3, 4, 5]])
    const keys = Array.from({ length: 50 }, newKey)
    expect([new Set(keys).size > 45, keys.includes(0)]).toEqual([true, false])
  })

  test.each([true, false])('frames that are built one behind the other are those frames (masked: %s)', (masked) => {
    const builder = createFrameBuilder(8_192, masked)
    const contents = [126, 127, 128, 129, 130, 2_000].map((length) => '7'.repeat(length))
    // Twice: nothing of what was there before shows through.
    for (let pass = 0; pass < 2; pass++) {
      builder.clear()
      for (const content of contents) {
        builder.begin()
        builder.ascii(content.slice(0, 100))
        builder.copy(Buffer.from(content.slice(109)))
        builder.digits(777_777_777)
        builder.end()
      }
      builder.append(encodeFrame(opcodes.text, 'short', masked ? newKey() : undefined))
      const got: string[] = []
      const bytes = Buffer.from(builder.bytes.subarray(0, builder.length))
      createFrameReader((_opcode, from, start, end) => got.push(from.toString('latin1', start, end)))(
        bytes,
        bytes.length,
      )
      expect(got).toEqual([...contents, 'short'])
      expect((bytes.readUInt8(1) & 0x80) !== 0).toBe(masked)
    }
    builder.clear()
    builder.begin()
    builder.ascii('too short')
    expect(() => builder.end()).toThrow('not built here')
  })

  test('a fragment is no frame that anybody should send here', () => {
    const read = createFrameReader(() => {})
    expect(() => read(Buffer.from([0x01, 0x00]), 2)).toThrow('fragmented')
  })
})

describe('what the phone says is what Twilio says', () => {
  const row = takeRow(streamSid)
  const frames = createPhoneFrames(row, streamSid, callSid)
  const voice = createVoice(20)
  const media = (place: number) => {
    const builder = createFrameBuilder(1_024, true)
    buildMedia(builder, row, voice.text, 1, place)
    let text = ''
    const take = (_opcode: number, bytes: Buffer, from: number, to: number) =>
      (text = bytes.toString('latin1', from, to))
    createFrameReader(take)(builder.bytes, builder.length)
    return text
  }

  test('the server reads every message, with counters that go up by one', () => {
    const messages = [
      frames.start({ callId: 'x' }),
      media(0),
      frames.mark('g1:m1'),
      frames.dtmf('1'),
      media(1),
      frames.stop(),
    ].map((text) => parseStreamMessage(text))
    expect(parseStreamMessage(frames.connected)).toMatchObject({ event: 'connected', version: '1.0.0' })
    expect(messages.map((message) => ('sequenceNumber' in message ? message.sequenceNumber : 0))).toEqual([
      1, 2, 3, 4, 5, 6,
    ])
    expect(messages).toMatchObject([
      { event: 'start', callSid, customParameters: { callId: 'x' } },
      { event: 'media', chunk: 1, payload: voice.payload(1, 0), track: 'inbound', timestampMs: 97 },
      { event: 'mark', name: 'g1:m1' },
      { event: 'dtmf', digit: '1' },
      { event: 'media', chunk: 2, payload: voice.payload(1, 1), timestampMs: 117 },
      { event: 'stop', callSid },
    ])
  })

  test('it takes what the server sends, in any form of JSON, and nothing for another stream', () => {
    const read = (text: string) => readBridge(text, streamSid)
    expect(read(encodeMedia(mediaHead(streamSid), 'AAAA'))).toEqual({ event: 'media', payload: 'AAAA' })
    expect(read(`{ "streamSid":"${streamSid}", "event":"media", "media":{"payload":"AAAA"}}`)).toEqual({
      event: 'media',
      payload: 'AAAA',
    })
    expect(read(encodeMark(streamSid, 'g1:m1'))).toEqual({ event: 'mark', name: 'g1:m1' })
    expect(read(encodeClear(streamSid))).toEqual({ event: 'clear' })
    const foreign = encodeMedia(mediaHead(`MZ${'c'.repeat(32)}`), 'AAAA')
    for (const text of [foreign, 'x', '[]', 'null', `{"event":"stop","streamSid":"${streamSid}"}`])
      expect(read(text)).toEqual({ event: 'invalid' })
  })
})

test('a payload is found in the documented form alone: any byte that differs around it goes the careful way', () => {
  const row = takeRow(streamSid)
  const message = encodeMedia(mediaHead(streamSid), 'A'.repeat(216))
  const find = (text: string, payloadBytes = 216) => {
    const bytes = Buffer.from(`..${text}..`, 'latin1')
    return findPayload(row, payloadBytes, bytes, 2, bytes.length - 2)
  }
  const at = 2 + message.indexOf('A'.repeat(216))
  expect(find(message)).toBe(at)
  expect([find(message, 215), find(message, 217), find(`${message} `), find('')]).toEqual([-1, -1, -1, -1])
  for (let place = 0; place < message.length; place++)
    if (message[place] !== 'A')
      expect(find(`${message.slice(0, place)}#${message.slice(place + 1)}`), String(place)).toBe(-1)
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
    const row = takeRow(streamSid)
    const playout = createPlayout(row)
    playout.mark('empty', 1000)
    appendSound(row, 800, 1000)
    appendSound(row, 800, 1050)
    playout.mark('behind', 1060)
    expect([isMarkDue(row, 999), isMarkDue(row, 1060)]).toEqual([false, true])
    expect(playout.takeDue(1060)).toBe('empty')
    expect([isMarkDue(row, 1199), isMarkDue(row, 1200)]).toEqual([false, true])
    expect(playout.takeDue(1199)).toBeUndefined()
    expect(playout.takeDue(1200)).toBe('behind')
    expect([playout.takeDue(9999), isMarkDue(row, 9999)]).toEqual([undefined, false])
  })

  test('a line that ran dry plays on from when sound comes again', () => {
    const row = takeRow(streamSid)
    const playout = createPlayout(row)
    appendSound(row, 800, 0)
    appendSound(row, 800, 500)
    playout.mark('end', 500)
    expect(playout.takeDue(599)).toBeUndefined()
    expect(playout.takeDue(600)).toBe('end')
  })

  test('a clear gives all marks back, and what comes next is played at once', () => {
    const row = takeRow(streamSid)
    const playout = createPlayout(row)
    appendSound(row, 80_000, 0)
    playout.mark('a', 0)
    playout.mark('b', 0)
    playout.clear(100)
    expect([playout.takeDue(100), playout.takeDue(100)]).toEqual(['a', 'b'])
    appendSound(row, 800, 100)
    playout.mark('c', 100)
    expect(playout.takeDue(200)).toBe('c')
  })
})

test('a chunk is as long as it says, names its place, and is like no other', () => {
  const voice = createVoice(20)
  const chunks = [0, 1, 2, 61, 5000].flatMap((place) => [1, 2, 4000].map((stream) => voice.payload(stream, place)))
  expect(new Set(chunks).size).toBe(chunks.length)
  for (const chunk of chunks) {
    expect(chunk.length).toBe(voice.text.length)
    expect(Buffer.from(chunk, 'base64').length).toBe(voice.sound.length)
  }
  expect(readHead(voice.payload(4000, 5000))).toEqual({ stream: 4000, place: 5000 })
  expect(readHead('AAAA')).toBeUndefined()
})
