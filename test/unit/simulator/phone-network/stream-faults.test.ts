import { describe, expect, test } from 'vitest'
import { type BridgeStream, callee, connectTwiml, setScene, sound } from './bridge.ts'
import { callTo, streaming } from './streaming.ts'

describe('31951', () => {
  const sid = (stream: BridgeStream) => stream.streamSid()
  test.each<[string, (stream: BridgeStream) => unknown]>([
    ['not JSON', () => 'hello'],
    ['not JSON', () => '{"event":'],
    ['expected a JSON object', () => '[]'],
    ['expected a JSON object', () => 'null'],
    ['expected the event media, mark or clear, got "stop"', (s) => ({ event: 'stop', streamSid: sid(s) })],
    ['the field "streamSid" is missing', () => ({ event: 'clear' })],
    ['expected the streamSid', () => ({ event: 'clear', streamSid: 'MZ0' })],
    ['the field "x" is not one of', (s) => ({ event: 'clear', streamSid: sid(s), x: 1 })],
    ['the field "media" is missing', (s) => ({ event: 'media', streamSid: sid(s) })],
    [
      'the field "track" is not one of',
      (s) => ({ event: 'media', streamSid: sid(s), media: { payload: '', track: 'outbound' } }),
    ],
    ['expected padded base64', (s) => ({ event: 'media', streamSid: sid(s), media: { payload: 'a-_=' } })],
    ['expected a string, got 7', (s) => ({ event: 'media', streamSid: sid(s), media: { payload: 7 } })],
    ['expected an object in "media"', (s) => ({ event: 'media', streamSid: sid(s), media: 'x' })],
    ['the field "name" is missing', (s) => ({ event: 'mark', streamSid: sid(s), mark: {} })],
    ['expected a string that is not empty', (s) => ({ event: 'mark', streamSid: sid(s), mark: { name: '' } })],
    ['"__proto__"', (s) => `{"event":"clear","streamSid":"${sid(s)}","__proto__":{}}`],
  ])('%s', async (what, make) => {
    const { clock, network, stream } = await streaming()
    stream.send(make(stream))
    await clock.advance(20)
    expect(network.faults).toMatchObject([{ code: 31_951, level: 'warning', streamSid: stream.streamSid() }])
    expect(network.faults[0]?.message).toContain(what)
    expect(network.calls[0]?.status).toBe('in-progress')
  })

  test('is told once per stream, and every case is kept', async () => {
    const { clock, network, stream } = await streaming()
    stream.send('one')
    stream.send('two')
    await clock.advance(20)
    expect(network.faults.map((fault) => fault.repeated)).toEqual([false, true])
  })

  test('can be an end instead, as the text of 2026 allows: 31924', async () => {
    const { clock, network, phone, stream } = await streaming({ malformedMessages: 'closed' })
    stream.send('hello')
    await clock.runUntil(phone.ended)
    expect(network.faults).toMatchObject([{ code: 31_924, level: 'error' }])
  })
})

test('31950: a binary message is a warning, and is ignored', async () => {
  const { clock, network, phone, stream } = await streaming()
  stream.socket.send(Buffer.from(sound(20)))
  await clock.advance(100)
  expect(network.faults).toMatchObject([{ code: 31_950, level: 'warning' }])
  expect(phone.heardMs).toBe(0)
})

test('31931: more than ten minutes of audio, told once, the rest discarded', async () => {
  const { clock, network, phone, stream } = await streaming({ maxStepMs: 60_000 })
  for (let i = 0; i < 12; i++) stream.media(new Uint8Array(480_000).fill(i + 1))
  stream.mark('end')
  await clock.advance(20)
  expect(network.faults).toMatchObject([{ code: 31_931, level: 'warning' }])
  await clock.advance(600_000)
  expect(stream.of('mark')).toHaveLength(1)
  expect(phone.heardMs).toBe(600_000)
})

test('31930: a server that does not read loses caller audio', async () => {
  const { clock, network, stream } = await streaming({ upstreamLimitBytes: 1000, maxStepMs: 60_000 })
  stream.socket.pause()
  for (let i = 0; i < 120 && network.faults.length === 0; i++) await clock.advance(600_000)
  expect(network.faults).toMatchObject([{ code: 31_930, level: 'warning' }])
})

describe('31924', () => {
  test('a frame that is no websocket frame ends the stream', async () => {
    const { clock, network, phone, stream } = await streaming()
    stream.request.socket.write(Buffer.from([0x09, 0x00]))
    await clock.runUntil(phone.ended)
    expect(network.faults).toMatchObject([{ code: 31_924, level: 'error' }])
  })

  test('anything sent on <Start><Stream> ends that stream, not the call', async () => {
    const scene = await setScene()
    const phone = scene.network.phone(callee, { answer: { afterMs: 0 } })
    const twiml = `<Response><Start><Stream url="${scene.bridge.wsUrl}" track="both_tracks"/></Start><Pause length="5"/></Response>`
    await scene.dial({ twiml })
    await scene.clock.advance(2000)
    const stream = scene.bridge.streams[0]
    expect(stream?.of('start')[0]?.start?.tracks).toEqual(['inbound', 'outbound'])
    phone.press('1')
    stream?.mark('x')
    await scene.clock.advance(100)
    expect(scene.network.faults).toMatchObject([{ code: 31_924 }])
    expect(stream?.of('dtmf')).toHaveLength(0)
    expect(scene.network.calls[0]?.status).toBe('in-progress')
    await scene.clock.runUntil(phone.ended)
  })
})

describe('the TwiML of a stream', () => {
  test('31920: a query string is stripped, with a warning', async () => {
    const { bridge, clock, dial, network } = await setScene()
    network.phone(callee, { answer: { afterMs: 0 } })
    await dial({ twiml: connectTwiml(bridge).replace('/media"', '/media?token=1"') })
    await clock.advance(300)
    expect(bridge.streams[0]?.request.url).toBe('/media')
    expect(network.faults).toMatchObject([{ code: 31_920, level: 'warning' }])
  })

  test.each([
    ['31922', 'https://127.0.0.1/media'],
    ['31922', 'ws://example.com/media'],
    ['31923', 'media'],
    ['31923', ''],
    ['31923', 'wss://'],
  ])('%s: the URL "%s"', async (code, url) => {
    const { network, phone } = await callTo(url)
    expect(network.faults).toMatchObject([{ code: Number(code), level: 'error' }])
    expect(phone.said).toEqual(['next'])
  })

  test('31941: any track but inbound_track on <Connect>', async () => {
    const { bridge, network } = await callTo('$WS', {}, 'track="both_tracks"')
    expect(network.faults).toMatchObject([{ code: 31_941 }])
    expect(bridge.streams).toHaveLength(0)
  })

  test('a parameter of 500 characters is a fault, and is left out', async () => {
    const { bridge, clock, dial, network } = await setScene()
    network.phone(callee, { answer: { afterMs: 0 } })
    const parameter = (length: number) => `<Parameter name="n${length}" value="${'v'.repeat(length - 4)}"/>`
    await dial({ twiml: connectTwiml(bridge, '', parameter(499) + parameter(500)) })
    await clock.advance(300)
    expect(network.faults).toMatchObject([{ code: 12_200 }])
    expect(Object.keys(bridge.streams[0]?.of('start')[0]?.start?.customParameters ?? {})).toEqual(['n499'])
  })

  test('a trial account gets no stream: a notice is spoken', async () => {
    const { bridge, network, phone } = await callTo('$WS', { trial: true, verifiedNumbers: [callee] })
    expect(bridge.streams).toHaveLength(0)
    expect(phone.said).toEqual(['The Stream verb is not available on trial accounts.', 'next'])
    expect(network.faults).toEqual([])
  })
})
