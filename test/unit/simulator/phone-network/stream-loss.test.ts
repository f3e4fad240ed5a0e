import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { callee, connectTwiml, setScene, sound, tcpServer } from './bridge.ts'
import { callTo, streaming } from './streaming.ts'

describe('a stream that cannot be opened', () => {
  test.each([401, 404, 200, 500])('31920: the handshake is answered with %i', async (status) => {
    const scene = await setScene()
    scene.bridge.refuse = status
    const phone = scene.network.phone(callee, { answer: { afterMs: 0 } })
    const twiml = connectTwiml(scene.bridge, '', '', '<Say>next</Say>').replace(
      '<Stream ',
      `<Stream statusCallback="${scene.bridge.url}/stream" `,
    )
    await scene.dial({ twiml })
    await scene.clock.runUntil(phone.ended)
    expect(scene.network.faults).toMatchObject([{ code: 31_920, level: 'error' }])
    expect(scene.bridge.of('/stream')[0]?.body.get('StreamEvent')).toBe('stream-error')
    expect(scene.bridge.of('/stream')[0]?.body.get('StreamError')).toContain('31920')
    expect(phone.said).toEqual(['next'])
  })

  test('31902: nobody listens', async () => {
    const { server, url } = await tcpServer(() => {})
    await new Promise((resolve) => server.close(resolve))
    expect((await callTo(`${url}/media`)).network.faults).toMatchObject([{ code: 31_902 }])
  })

  test('31901: the handshake is never answered', async () => {
    const { url } = await tcpServer(() => {})
    expect((await callTo(`${url}/media`, { holdMs: 20 })).network.faults).toMatchObject([{ code: 31_901 }])
  })

  test('31903: the connection breaks during the handshake', async () => {
    const { url } = await tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    expect((await callTo(`${url}/media`)).network.faults).toMatchObject([{ code: 31_903 }])
  })

  test('31904: the host is not known', async () => {
    expect((await callTo('wss://host.invalid/media', { holdMs: 5000 })).network.faults).toMatchObject([
      { code: 31_904 },
    ])
  })

  test('31910: the other end speaks no TLS', async () => {
    const { url } = await tcpServer((socket) => socket.end('this is no TLS\r\n'))
    expect((await callTo(`${url.replace('ws:', 'wss:')}/media`)).network.faults).toMatchObject([{ code: 31_910 }])
  })

  test('a call that ends during the handshake leaves no fault and no socket behind', async () => {
    const sockets: Socket[] = []
    const { url } = await tcpServer((socket) => void sockets.push(socket.resume()))
    const scene = await setScene({ behaviour: { holdMs: 20 } })
    const phone = scene.network.phone(callee, { answer: { afterMs: 0 }, hangUp: { afterAnswerMs: 1000 } })
    const noun = `<Stream url="${url}/media" statusCallback="${scene.bridge.url}/stream"/>`
    await scene.dial({ twiml: `<Response><Connect>${noun}</Connect></Response>` })
    await scene.clock.runUntil(phone.ended)
    await scene.clock.advance(10_000)
    expect(scene.network.faults).toEqual([])
    expect(scene.bridge.of('/stream')).toEqual([])
    const stream = scene.network.calls[0]?.streams[0]
    expect(stream?.openedAtMs).toBeUndefined()
    expect(stream?.closedAtMs).toBe(scene.network.calls[0]?.endedAtMs)
    await expect.poll(() => sockets.map((socket) => socket.destroyed)).toEqual([true])
  })

  test('what follows a failed stream can be a hang-up', async () => {
    const { url } = await tcpServer((socket) => socket.end('HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n'))
    const { phone } = await callTo(`${url}/media`, { afterStreamFailure: 'hang-up' })
    expect(phone.said).toEqual([])
  })
})

describe('a stream that breaks', () => {
  test('31921: the server closes with a code of its own', async () => {
    const { clock, network, phone, stream } = await streaming()
    stream.socket.close(1011)
    await clock.runUntil(phone.ended)
    expect(network.faults).toMatchObject([{ code: 31_921 }])
    expect(network.calls[0]?.streams[0]?.closeCode).toBe(1011)
  })

  test('31903: the server vanishes without a close frame', async () => {
    const { clock, network, phone, stream } = await streaming()
    stream.socket.terminate()
    await clock.runUntil(phone.ended)
    expect(network.faults).toMatchObject([{ code: 31_903 }])
  })

  test('31903: the network loses the connection in the middle of a stream', async () => {
    const { clock, network, phone, stream } = await streaming({ loseStreamAfterMs: 2000 })
    stream.media(sound(5000))
    await clock.runUntil(phone.ended)
    expect(network.faults).toMatchObject([{ code: 31_903 }])
    expect(phone.heardMs).toBe(2000)
    expect(stream.of('stop')).toHaveLength(0)
    expect(stream.closeCode).toBe(1006)
  })

  test('a network that does not read makes the server wait', async () => {
    const { clock, phone, network, stream } = await streaming({ pauseReading: true })
    stream.media(sound(1000))
    await clock.advance(2000)
    expect(phone.heardMs).toBe(0)
    network.calls[0]?.streams[0]?.resumeReading()
    await clock.advance(500)
    expect(phone.heardMs).toBe(500)
  })
})

test('ten thousand hostile messages neither crash the network nor the other call', async () => {
  const { bridge, clock, dial, network, stream } = await streaming()
  const other = network.phone('+14155550111', { answer: { afterMs: 0 } })
  await dial({ to: '+14155550111' })
  await clock.advance(400)
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
  const hostile = [deep, '{"event":"media"}', '', '{"__proto__":{"event":"clear"}}', '"x"', 'NaN', `{"event":${deep}}`]
  hostile.push(
    JSON.stringify({ event: 'media', streamSid: bridge.streams[1]?.streamSid(), media: { payload: 'AAAA' } }),
  )
  for (let i = 0; i < 10_000; i++) stream.send(hostile[i % hostile.length])
  bridge.streams[1]?.media(sound(200))
  await clock.advance(1000)
  expect(network.faults).toHaveLength(10_000)
  expect(network.faults.every((fault) => fault.code === 31_951)).toBe(true)
  expect(other.heardMs).toBe(200)
})

test('a stream that is frozen before its start never starts, and sends nothing by any way', async () => {
  const { clock, network, phone, stream } = await streaming({ startDelayMs: 2000 })
  network.calls[0]?.streams[0]?.freeze()
  network.calls[0]?.streams[0]?.sendRaw('{"event":"whatever"}')
  phone.press('1')
  await clock.advance(5000)
  expect(stream.messages.map((message) => message.event)).toEqual(['connected'])
  expect(network.faults).toEqual([])
})

test('a stream can be frozen at any moment, amid what it plays and marks', async () => {
  const { clock, network, phone, stream } = await streaming()
  stream.media(sound(1000))
  stream.mark('end')
  await clock.advance(500)
  network.calls[0]?.streams[0]?.freeze()
  await clock.advance(5000)
  expect(stream.of('mark')).toEqual([])
  expect(stream.closeCode).toBeUndefined()
  phone.hangUp()
  await clock.runUntil(phone.ended)
  expect(network.calls[0]?.status).toBe('completed')
})
