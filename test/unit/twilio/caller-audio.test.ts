import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMaskedMedia, takeCallerAudio } from '../../../src/twilio/caller-audio.ts'
import { parseStreamMessage } from '../../../src/twilio/media-stream.ts'

const streamSid = 'MZ18ad3ab5a668481ce02b83e7395059f0'
const otherSid = 'MZ18ad3ab5a668481ce02b83e7395059f1'

const aKey = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
const someSound = fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => Buffer.from(bytes).toString('base64'))
const aCount = fc.oneof(fc.nat(), fc.nat({ max: 999_999_999_999_999 })).map(String)

interface Values {
  readonly sequence: string
  readonly chunk: string
  readonly timestamp: string
  readonly payload: string
}
const someValues: fc.Arbitrary<Values> = fc.record({
  sequence: aCount,
  chunk: aCount,
  timestamp: aCount,
  payload: someSound,
})

/** As in Twilio's documentation. */
function media({ sequence, chunk, timestamp, payload }: Values): string {
  return `{"event":"media","sequenceNumber":"${sequence}","media":{"track":"inbound","chunk":"${chunk}","timestamp":"${timestamp}","payload":"${payload}"},"streamSid":"${streamSid}"}`
}

/** As a client sends it: the key, and the content masked with it. Something else stands before and behind it. */
function masked(content: string | Uint8Array, key: readonly number[], before = '', behind = '') {
  const bytes = Buffer.from(content)
  const frame = Buffer.from([...key, ...bytes.map((byte, at) => byte ^ (key[at % 4] ?? 0))])
  const from = before.length + key.length
  return {
    bytes: Buffer.concat([Buffer.from(before, 'latin1'), frame, Buffer.from(behind)]),
    from,
    to: from + bytes.length,
  }
}

/** What is taken out of a message by its bytes. */
function taken(content: string | Uint8Array, key: readonly number[] = [1, 2, 3, 4], before = '') {
  const { bytes, from, to } = masked(content, key, before, '"}0"},')
  const copy = Buffer.from(bytes)
  const heard: { payload: string; timestampMs: number }[] = []
  const was = takeCallerAudio(bytes, from, to, streamSid, {
    audio: (payload, timestampMs) => void heard.push({ payload, timestampMs }),
  })
  expect(bytes.equals(copy)).toBe(true)
  expect(heard).toHaveLength(was ? 1 : 0)
  return heard[0]
}

/** What the call would hear of it, if it is parsed. */
function parsed(content: string | Uint8Array) {
  const message = parseStreamMessage(Buffer.from(content))
  if (message.event !== 'media' || message.streamSid !== streamSid || message.track !== 'inbound') return undefined
  return { payload: message.payload, timestampMs: message.timestampMs }
}

test('caller audio as Twilio writes it is taken by its bytes, under any mask and wherever it stands', () => {
  const somewhere = fc.string({ unit: 'binary-ascii', maxLength: 9 })
  fc.assert(
    fc.property(someValues, aKey, somewhere, (values, key, before) => {
      const text = media(values)
      expect(taken(text, key, before)).toEqual({ payload: values.payload, timestampMs: Number(values.timestamp) })
      expect(taken(text, key, before)).toEqual(parsed(text))
    }),
  )
})

/** Ways to spoil a message, mostly into something that is still JSON. */
const spoiling: fc.Arbitrary<(text: string) => string> = fc.oneof(
  fc.constantFrom(
    (text: string) => text.replace('"inbound"', '"outbound"'),
    (text: string) => text.replace(streamSid, otherSid),
    (text: string) => text.replace(streamSid, 'MZ'),
    (text: string) => text.replace(streamSid, `${streamSid}0`),
    (text: string) => text.replace('"streamSid"', '"streamsid"'),
    (text: string) => text.replace('"event"', '"\\u0065vent"'),
    (text: string) => text.replace('"payload":"', '"payload":"\\u0041'),
    (text: string) => text.replace('"payload":"', '"payload":"\\/'),
    (text: string) => text.replace('"payload":"', '"payload":"-_'),
    (text: string) => text.replace('"payload":"', '"payload":"é'),
    (text: string) => text.replace('"payload":"', '"payload":"\n'),
    (text: string) => text.replace('"payload":"', '"payload":"","payload":"'),
    (text: string) => text.replace('"payload":"', '"payload":"AAAA","timestamp":"7","x":"'),
    (text: string) => text.replace(/"payload":"[^"]*"/, '"payload":""'),
    (text: string) => text.replace(/"payload":"[^"]*"/, '"payload":null'),
    (text: string) => text.replace(/"timestamp":"\d*"/, '"timestamp":""'),
    (text: string) => text.replace(/"timestamp":"\d*"/, '"timestamp":"-1"'),
    (text: string) => text.replace(/"timestamp":"\d*"/, '"timestamp":"1.5"'),
    (text: string) => text.replace(/"timestamp":"\d*"/, '"timestamp":"1000000000000000"'),
    (text: string) => text.replace(/"timestamp":"(\d*)"/, '"timestamp":$1'),
    (text: string) => text.replace(/"chunk":"\d*"/, '"chunk":"0x1"'),
    (text: string) => text.replace(/"chunk":"\d*"/, '"chunk":"1000000000000000"'),
    (text: string) => text.replace(/"sequenceNumber":"\d*"/, '"sequenceNumber":"1 "'),
    (text: string) => text.replace(/"sequenceNumber":"\d*"/, '"sequenceNumber":"1000000000000000"'),
    (text: string) => text.replace('"},"streamSid"', '"},"media":{},"streamSid"'),
    (text: string) => `${text}}`,
    (text: string) => `${text} `,
    (text: string) => ` ${text}`,
    (text: string) => text.replaceAll(',', ', '),
    (text: string) => JSON.stringify(JSON.parse(text), undefined, 1),
    (text: string) => text.replace(/^\{(.*),("streamSid":"\w+")\}$/, '{$2,$1}'),
    (text: string) => `${text.slice(0, -1)},"event":"stop"}`,
    (text: string) => text + text,
  ),
  // Cut, or with something in it.
  fc.nat().map((at) => (text: string) => text.slice(0, at % text.length)),
  fc.nat().map((at) => (text: string) => text.slice(at % text.length)),
  fc.tuple(fc.nat(), fc.string({ unit: 'binary', minLength: 1, maxLength: 3 })).map(
    ([at, what]) =>
      (text: string) =>
        text.slice(0, at % text.length) + what + text.slice(at % text.length),
  ),
  fc.tuple(fc.nat(), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })).map(
    ([at, what]) =>
      (text: string) =>
        text.slice(0, at % text.length) + what + text.slice((at % text.length) + 1),
  ),
)

test('whatever a message is, what is taken of it by its bytes is what it says when it is parsed', () => {
  let takenSpoilt = 0
  fc.assert(
    fc.property(someValues, spoiling, aKey, (values, spoil, key) => {
      const text = spoil(media(values))
      const heard = taken(text, key)
      if (heard) takenSpoilt++
      if (heard) expect(heard).toEqual(parsed(text))
    }),
    { numRuns: 2000 },
  )
  // A digit or a letter more or less is still a message.
  expect(takenSpoilt).toBeGreaterThan(0)
})

test('what is not exactly of that form is left to be parsed', () => {
  const text = media({ sequence: '3', chunk: '2', timestamp: '77', payload: 'no+JhoaJ' })
  expect(taken(text)).toBeDefined()
  const others = [
    text.replace('"inbound"', '"outbound"'),
    text.replace(streamSid, otherSid),
    text.replace('no+J', 'no\\u002bJ'),
    text.replace('no+J', 'no-J'),
    text.replace('no+J', ''),
    text.replace('no+JhoaJ', ''),
    text.replace('"77"', '77'),
    text.replace('"77"', '"0000000000000077"'),
    text.replace('"3"', '""'),
    text.replace(',', ', '),
    `${text}\n`,
    text.replace('no+JhoaJ', 'A'.repeat(4096)),
  ]
  const stillTaken = others.filter((other) => taken(other))
  expect(stillTaken).toEqual([text.replace('no+J', '')])
})

test('no message that is cut or goes on is taken, whatever came before and comes behind it', () => {
  const text = media({ sequence: '3', chunk: '2', timestamp: '77', payload: 'no+JhoaJ' })
  for (let to = 0; to < text.length; to++) {
    expect(taken(text)).toBeDefined()
    expect([to, taken(text.slice(0, to))]).toEqual([to, undefined])
    expect([to, taken(text.slice(to) + text.slice(0, to))]).toEqual([to, to === 0 ? taken(text) : undefined])
  }
})

const others: readonly (readonly [content: string, isMedia: boolean])[] = [
  [media({ sequence: '3', chunk: '2', timestamp: '77', payload: 'no+J' }), true],
  [`{"event":"media","streamSid":"${streamSid}"}`, true],
  [`{"event":"mark","sequenceNumber":"4","streamSid":"${streamSid}","mark":{"name":"m"}}`, false],
  ['{"event":"connected","protocol":"Call","version":"1.0.0"}', false],
  ['', false],
  ['{', false],
  ['{"event":"media', false],
  ['{"event":"mark","x":{"event":"media"}}', false],
  ['{ "event": "media" }', false],
  ['{"event":"mediator"}', false],
]

test('caller audio is told from its first bytes under any mask, and nothing else is taken for it', () => {
  fc.assert(
    fc.property(aKey, (key) => {
      for (const [content, isMedia] of others) {
        // What follows is of the next frame, and would complete the pattern.
        const next = masked(`${content}"`, key).bytes
        const { bytes, from, to } = masked(content, key)
        const together = Buffer.concat([bytes, next.subarray(bytes.length)])
        expect([content, isMaskedMedia(together, from, to)]).toEqual([content, isMedia])
      }
    }),
    { numRuns: 20 },
  )
})
