import twilio from 'twilio'
import { describe, expect, test } from 'vitest'
import { callee, connectTwiml, setScene, sound } from './bridge.ts'
import { streaming } from './streaming.ts'

describe('play-out', () => {
  test('marks come back when the audio before them was played, and media of any size is taken', async () => {
    const { clock, phone, stream } = await streaming()
    const audio = sound(1000)
    const startMs = clock.now()
    const at: number[] = []
    stream.socket.on('message', (data: Buffer) => {
      if (data.toString().includes('"mark"')) at.push(clock.now() - startMs)
    })
    for (let i = 0; i < audio.length; i += 777) stream.media(audio.subarray(i, i + 777))
    stream.mark('one')
    stream.mark('two')
    await clock.advance(2000)
    stream.mark('late')
    await clock.advance(50)
    expect(stream.of('mark').map((message) => message.mark?.name)).toEqual(['one', 'two', 'late'])
    expect(at).toEqual([1000, 1000, 2000])
    expect(Buffer.from(phone.heard)).toEqual(Buffer.from(audio))
  })

  test('clear stops the sound and returns the outstanding marks', async () => {
    const { clock, phone, stream } = await streaming()
    stream.media(sound(1000))
    stream.mark('a')
    stream.media(sound(1000, 2))
    stream.mark('b')
    await clock.advance(1500)
    expect(stream.of('mark').map((message) => message.mark?.name)).toEqual(['a'])
    stream.clear()
    await clock.advance(0)
    expect(stream.of('mark').map((message) => message.mark?.name)).toEqual(['a', 'b'])
    await clock.advance(2000)
    expect(phone.heardMs).toBe(1500)
    expect(phone.events.map((event) => event.type)).toContain('clear')
  })

  test('the recording is the whole timeline from the answer on', async () => {
    const { clock, network, phone, stream } = await streaming()
    await clock.advance(700)
    stream.media(sound(100))
    await clock.advance(200)
    phone.hangUp()
    await clock.runUntil(phone.ended)
    expect(network.calls[0]?.answeredAtMs).toBe(Date.UTC(2026, 0, 5, 12) + 300)
    expect(phone.recording).toHaveLength(7200)
    expect(Buffer.from(phone.recording.subarray(5600, 6400))).toEqual(Buffer.from(sound(100)))
    expect(phone.recording.subarray(0, 5600).every((byte) => byte === 0xff)).toBe(true)
  })

  test('audio still buffered when the server closes is lost, and its marks with it', async () => {
    const { bridge, clock, dial, network } = await setScene()
    const phone = network.phone(callee)
    bridge.onStart = (stream) => {
      stream.media(sound(1000))
      stream.mark('end')
      clock.after(250, () => stream.socket.close())
    }
    await dial({ twiml: connectTwiml(bridge, '', '', '<Pause length="5"/>') })
    await clock.runUntil(phone.ended)
    expect(network.calls[0]?.endedAtMs).toBeGreaterThan((network.calls[0]?.streams[0]?.closedAtMs ?? 0) + 4000)
    expect(phone.heardMs).toBe(250)
    expect(bridge.streams[0]?.of('mark')).toHaveLength(0)
  })
})

describe('the end', () => {
  test('a minute of call with five marks takes few steps', async () => {
    const { bridge, clock, dial, network } = await setScene()
    const phone = network.phone(callee)
    bridge.onStart = (stream) => {
      for (let i = 0; i < 5; i++) {
        stream.media(sound(12_000, i))
        stream.mark(`m${i}`)
      }
    }
    bridge.onMessage = (stream, message) => {
      if (message.mark?.name === 'm4') stream.socket.close()
    }
    await dial()
    const began = performance.now()
    await clock.runUntil(phone.ended)
    expect(performance.now() - began).toBeLessThan(5000)
    expect(phone.heardMs).toBe(60_000)
    expect(bridge.streams[0]?.of('media')).toHaveLength(3000)
    expect(network.faults).toEqual([])
    expect(network.calls[0]?.status).toBe('completed')
  })

  test('when the phone hangs up, stop comes, then the close', async () => {
    const { clock, network, phone, stream } = await streaming()
    await clock.advance(1000)
    phone.hangUp()
    await clock.runUntil(phone.ended)
    await clock.advance(0)
    const stop = stream.messages.at(-1)
    expect(stop).toMatchObject({
      event: 'stop',
      sequenceNumber: String(stream.messages.length - 1),
      stop: { accountSid: network.account.sid, callSid: network.calls[0]?.sid },
    })
    expect(stream.closeCode).toBe(1000)
  })

  test('stop can come without a close, and a close without stop', async () => {
    const silent = await streaming({ closeAfterStop: false })
    silent.phone.hangUp()
    await silent.clock.advance(5000)
    expect(silent.stream.of('stop')).toHaveLength(1)
    expect(silent.stream.closeCode).toBeUndefined()
    const abrupt = await streaming({ sendStop: false })
    abrupt.phone.hangUp()
    await abrupt.clock.advance(5000)
    expect(abrupt.stream.of('stop')).toHaveLength(0)
    expect(abrupt.stream.closeCode).toBe(1000)
  })

  test('when the server closes, the next verb runs', async () => {
    const { bridge, clock, dial, network } = await setScene()
    const phone = network.phone(callee)
    bridge.onStart = (stream) => stream.socket.close()
    await dial({ twiml: connectTwiml(bridge, '', '', '<Say>still here</Say>') })
    await clock.runUntil(phone.ended)
    expect(phone.said).toEqual(['still here'])
  })

  test('when the server closes, <Connect action> is asked first', async () => {
    const { bridge, clock, dial, network } = await setScene()
    const phone = network.phone(callee)
    bridge.onStart = (stream) => stream.socket.close()
    bridge.answers.set('/ended', '<Response><Say>from the action</Say></Response>')
    await dial({ twiml: connectTwiml(bridge, `action="${bridge.url}/ended"`, '', '<Say>never</Say>') })
    await clock.runUntil(phone.ended)
    expect(phone.said).toEqual(['from the action'])
  })

  test('a stream can be one that is never opened: the call is silent until the phone hangs up', async () => {
    const { bridge, clock, dial, network } = await setScene({ behaviour: { streamOpening: 'never' } })
    const phone = network.phone(callee, { hangUp: { afterAnswerMs: 20_000 } })
    await dial()
    await clock.runUntil(phone.ended)
    expect(bridge.streams).toHaveLength(0)
    expect(network.calls[0]).toMatchObject({ status: 'completed' })
  })

  test('a stream can be opened twice, with an identifier of its own for the same call', async () => {
    const { bridge, clock, network, stream } = await streaming({ streamOpening: 'twice' })
    await clock.advance(100)
    const second = bridge.streams[1]
    expect(second?.of('start')[0]?.start?.callSid).toBe(stream.of('start')[0]?.start?.callSid)
    expect(second?.streamSid()).not.toBe(stream.streamSid())
    expect(network.calls[0]?.streams.map((open) => open.sid)).toEqual([stream.streamSid(), second?.streamSid()])
  })

  test('stream callbacks tell start and stop, signed, with nanoseconds', async () => {
    const { bridge, clock, dial, network } = await setScene()
    network.phone(callee, { hangUp: { afterAnswerMs: 1000 } })
    const twiml = connectTwiml(bridge).replace('<Stream ', `<Stream statusCallback="${bridge.url}/stream" `)
    await dial({ twiml })
    await clock.advance(4000)
    const seen = bridge.of('/stream')
    expect(seen.map((callback) => callback.body.get('StreamEvent'))).toEqual(['stream-started', 'stream-stopped'])
    const sid = bridge.streams[0]?.streamSid()
    for (const { body, headers } of seen) {
      expect([...body.keys()].sort()).toEqual(
        ['AccountSid', 'CallSid', 'StreamEvent', 'StreamName', 'StreamSid', 'Timestamp'].sort(),
      )
      expect(body.get('StreamName')).toBe(sid)
      expect(body.get('Timestamp')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/)
      const signature = String(headers['x-twilio-signature'])
      const url = `${bridge.url}/stream`
      expect(twilio.validateRequest(network.account.authToken, signature, url, Object.fromEntries(body))).toBe(true)
    }
  })
})
