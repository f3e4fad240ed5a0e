import twilio from 'twilio'
import { describe, expect, test } from 'vitest'
import { callee, connectTwiml, setScene, sound } from './bridge.ts'
import { streaming } from './streaming.ts'

describe('the handshake', () => {
  test('has exactly the headers seen on live calls', async () => {
    const { stream, network } = await streaming()
    const names = stream.request.rawHeaders.filter((_, index) => index % 2 === 0)
    expect(names).toEqual([
      'host',
      'user-agent',
      'connection',
      'upgrade',
      'sec-websocket-key',
      'sec-websocket-version',
      'x-twilio-signature',
    ])
    expect(stream.request.headers['user-agent']).toBe('Twilio.TmeWs/1.0')
    expect(network.faults).toEqual([])
  })

  test.each([
    ['correct', '', true],
    ['correct', '/', false],
    ['trailing-slash', '/', true],
    ['trailing-slash', '', false],
    ['wrong', '', false],
  ] as const)('signed %s, the validator says of the URL with "%s": %s', async (streamSignature, ending, valid) => {
    const { bridge, network, stream } = await streaming({ streamSignature })
    const signature = String(stream.request.headers['x-twilio-signature'])
    expect(twilio.validateRequest(network.account.authToken, signature, bridge.wsUrl + ending, {})).toBe(valid)
  })

  test('may lack the signature', async () => {
    const { stream } = await streaming({ streamSignature: 'missing' })
    expect(stream.request.headers['x-twilio-signature']).toBeUndefined()
  })
})

describe('what the network sends', () => {
  test('connected, start, then 160 bytes every 20 ms, all numbers as strings', async () => {
    const { clock, network, stream } = await streaming()
    await clock.advance(10_000)
    const [connected, start, ...media] = stream.messages
    expect(connected).toEqual({ event: 'connected', protocol: 'Call', version: '1.0.0' })
    const callSid = network.calls[0]?.sid
    expect(start).toEqual({
      event: 'start',
      sequenceNumber: '1',
      streamSid: expect.stringMatching(/^MZ[0-9a-f]{32}$/),
      start: {
        accountSid: network.account.sid,
        streamSid: start?.streamSid,
        callSid,
        tracks: ['inbound'],
        mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
        customParameters: {},
      },
    })
    expect(media).toHaveLength(500)
    const first = Number(media[0]?.media?.timestamp)
    expect(first).toBeGreaterThanOrEqual(57)
    expect(first).toBeLessThanOrEqual(171)
    media.forEach((message, index) => {
      expect(message.sequenceNumber).toBe(String(index + 2))
      expect(message.media).toMatchObject({ track: 'inbound', chunk: String(index + 1) })
      expect(message.media?.timestamp).toBe(String(first + index * 20))
      expect(Buffer.from(message.media?.payload ?? '', 'base64')).toEqual(Buffer.alloc(160, 0xff))
    })
  })

  test('parameters arrive as strings', async () => {
    const scene = await setScene()
    scene.network.phone(callee)
    const inside = '<Parameter name="a" value="x&amp;&lt;&quot;"/><Parameter name="__proto__" value="y"/>'
    await scene.dial({ twiml: connectTwiml(scene.bridge, '', inside) })
    await scene.clock.advance(2000)
    const parameters = scene.bridge.streams[0]?.of('start')[0]?.start?.customParameters ?? {}
    expect(Object.entries(parameters)).toEqual([
      ['a', 'x&<"'],
      ['__proto__', 'y'],
    ])
  })

  test('start can lack parameters and format, have unknown fields, other orders and versions', async () => {
    const { stream } = await streaming({
      customParameters: 'absent',
      mediaFormat: 'null',
      extraFields: true,
      keyOrder: 'reversed',
      connectedVersion: '0.2.0',
    })
    expect(stream.of('connected')[0]).toMatchObject({ version: '0.2.0', futureField: { since: 'tomorrow' } })
    const start = stream.of('start')[0]?.start
    expect(start).not.toHaveProperty('customParameters')
    expect(start?.mediaFormat).toBeNull()
    expect(stream.texts[1]).toMatch(/^\{"futureField":.*"event":"start"\}$/)
  })

  test('customParameters can be empty, mediaFormat absent', async () => {
    const { stream } = await streaming({ customParameters: 'empty', mediaFormat: 'absent' })
    expect(stream.of('start')[0]?.start?.customParameters).toEqual({})
    expect(stream.of('start')[0]?.start).not.toHaveProperty('mediaFormat')
  })

  test('silence can be 0x7F or mixed', async () => {
    const first = async (silence: '7f' | 'mixed') => {
      const { clock, stream } = await streaming({ silence })
      await clock.advance(1000)
      return new Set(Buffer.from(stream.of('media')[0]?.media?.payload ?? '', 'base64'))
    }
    expect(await first('7f')).toEqual(new Set([0x7f]))
    expect(await first('mixed')).toEqual(new Set([0x7f, 0xff]))
  })

  test('timestamps can drift off the grid, by 2 ms in 72 frames', async () => {
    const { clock, stream } = await streaming({ timestampDrift: true, firstTimestampMs: 100 })
    await clock.advance(3000)
    const times = stream.of('media').map((message) => Number(message.media?.timestamp))
    expect(times[0]).toBe(100)
    expect(times[72]).toBe(1538)
    expect(times.slice(1).every((time, i) => time - (times[i] ?? 0) >= 19 && time - (times[i] ?? 0) <= 20)).toBe(true)
  })

  test('lost frames leave a gap in the timestamps, not in the counters', async () => {
    const { clock, stream } = await streaming({ lostFrames: 0.2, firstTimestampMs: 60 })
    await clock.advance(10_000)
    const media = stream.of('media')
    expect(media.length).toBeGreaterThan(300)
    expect(media.length).toBeLessThan(480)
    media.forEach((message, i) => expect(message.media?.chunk).toBe(String(i + 1)))
    expect(Number(media.at(-1)?.media?.timestamp)).toBeGreaterThan(9000)
  })

  test('keys come as dtmf with the track inbound_track, in the same count', async () => {
    const { clock, phone, stream } = await streaming()
    await clock.advance(100)
    phone.press('4#')
    await clock.advance(200)
    expect(stream.of('dtmf').map((message) => message.dtmf)).toEqual([
      { track: 'inbound_track', digit: '4' },
      { track: 'inbound_track', digit: '#' },
    ])
    const numbers = stream.messages.slice(1).map((message) => Number(message.sequenceNumber))
    expect(numbers).toEqual(numbers.map((_, i) => i + 1))
  })

  test('what the phone says arrives byte for byte, padded with silence', async () => {
    const { clock, phone, stream } = await streaming()
    const speech = sound(1010)
    await clock.advance(105)
    phone.speak(speech.subarray(0, 4000))
    phone.speak(speech.subarray(4000))
    await clock.advance(3000)
    const line = Buffer.concat(stream.of('media').map((m) => Buffer.from(m.media?.payload ?? '', 'base64')))
    const at = line.indexOf(Buffer.from(speech))
    expect(at).toBe(6 * 160)
    expect(line.subarray(at + speech.length).every((byte) => byte === 0xff)).toBe(true)
  })

  test('while the phone speaks, frames come at least every maxSpeechStepMs of a stepped clock', async () => {
    const { clock, phone, stream } = await streaming()
    phone.speak(sound(2000))
    const steps: number[] = []
    let lastMs = clock.now()
    stream.socket.on('message', () => {
      steps.push(clock.now() - lastMs)
      lastMs = clock.now()
    })
    await clock.advance(1900)
    expect(Math.max(...steps)).toBe(100)
  })

  test('frames that are due come before the echo of a mark', async () => {
    const { bridge, clock, network, dial } = await setScene()
    network.phone(callee, { answer: { afterMs: 0 } })
    bridge.onStart = (stream) => {
      stream.media(sound(500))
      stream.mark('half')
    }
    await dial()
    await clock.advance(2000)
    const events = bridge.streams[0]?.messages.map((message) => message.event) ?? []
    expect(events.indexOf('mark')).toBe(2 + 25)
  })
})
