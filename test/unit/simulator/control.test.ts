import { createServer } from 'node:http'
import { WebSocket } from 'ws'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AsyncService, startAsyncService } from '../../../src/simulator/async/service.ts'
import { startControl } from '../../../src/simulator/control/control.ts'
import { type DeepgramService, startDeepgramService } from '../../../src/simulator/deepgram/service.ts'
import { listen } from '../../../src/simulator/http-server.ts'
import { type PhoneNetwork, startPhoneNetwork } from '../../../src/simulator/phone-network/network.ts'

let network: PhoneNetwork
let async: AsyncService
let deepgram: DeepgramService
let control: Awaited<ReturnType<typeof startControl>>
/** A server that answers every voice webhook with a long pause. */
const application = createServer((request, response) => {
  request.resume()
  response.setHeader('content-type', 'text/xml').end('<Response><Pause length="60"/></Response>')
})
let voiceUrl: string

beforeAll(async () => {
  network = await startPhoneNetwork({ behaviour: { digitGapMs: 0 } })
  async = await startAsyncService()
  deepgram = await startDeepgramService()
  control = await startControl(0, { network, async, deepgram })
  voiceUrl = `${await listen(application, 0, '127.0.0.1')}/voice`
})
afterAll(async () => {
  await control.close()
  await async.close()
  await deepgram.close()
  await network.close()
  application.closeAllConnections()
  application.close()
})

async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(control.url + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    body: text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as unknown) : text,
  }
}

async function refusal(method: string, path: string, body?: unknown): Promise<string> {
  const { status, body: answer } = await ask(method, path, body)
  expect(status).toBe(400)
  return (answer as { error: string }).error
}

/** Resolves when something answers the condition; the emulators run in real time here. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** A socket of a recognizer; `told` gets the words that it hears, whatever they stand in. */
async function listener(address: string, told: string[]): Promise<WebSocket> {
  const socket = new WebSocket(address.replace('http', 'ws'), {
    headers: { authorization: `Token ${deepgram.apiKey}` },
  })
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as {
      transcript?: string
      channel?: { alternatives?: { transcript: string }[] }
    }
    told.push(frame.transcript ?? frame.channel?.alternatives?.[0]?.transcript ?? '')
  })
  await new Promise((resolve) => socket.once('open', resolve))
  return socket
}

describe('the control surface', () => {
  test('GET / lists every route, and every route in the list is there', async () => {
    const { body } = await ask('GET', '/')
    const routes = (body as { routes: string[] }).routes.map((line) => line.split(/\s+/))
    expect(routes).toHaveLength(12)
    for (const [method = '', path = ''] of routes) {
      const { status } = await ask(method, path.replace('NUMBER', '+15550000000'), method === 'GET' ? undefined : {})
      // What is missing in the request is refused; what is not there is 404.
      expect([path, status]).not.toEqual([path, 404])
    }
    expect((await ask('GET', '/nowhere')).status).toBe(404)
    expect((await ask('DELETE', '/calls')).status).toBe(404)
  })

  test('a phone is put, called in from, presses, hangs up, and its recording and the call can be read', async () => {
    const from = '+15550100001'
    expect(await ask('POST', '/dial-in', { from, voiceUrl })).toEqual({ status: 201, body: { from } })
    await until(() => network.calls.some((call) => call.from === from && call.status === 'in-progress'))
    expect((await ask('POST', `/phones/${from}/press`, { digits: '1w#' })).status).toBe(204)
    const calls = (await ask('GET', '/calls')).body as { from: string }[]
    expect(calls.find((call) => call.from === from)).toMatchObject({ status: 'in-progress', direction: 'inbound' })
    expect((await ask('POST', `/phones/${from}/hang-up`)).status).toBe(204)
    await until(() => network.calls.some((call) => call.from === from && call.status === 'completed'))
    const recording = await fetch(`${control.url}/phones/${from}/recording.wav`)
    expect([recording.status, recording.headers.get('content-type')]).toEqual([200, 'audio/wav'])
    expect(Buffer.from(await recording.arrayBuffer()).toString('latin1', 0, 4)).toBe('RIFF')
  })

  test('what the person says is heard by who listens, and lost where nobody does', async () => {
    const from = '+15550100004'
    const hear = (words: unknown) => ask('POST', `/phones/${from}/hear`, { words })
    await ask('PUT', `/phones/${from}`, {})
    // In no call.
    expect(await hear('hello')).toEqual({ status: 200, body: { listened: false } })
    const phone = { answer: { afterMs: 0 } }
    await ask('POST', '/dial-in', { from, voiceUrl, phone })
    await until(() => network.calls.some((call) => call.from === from && call.status === 'in-progress'))
    expect(await hear('nobody is there')).toEqual({ status: 200, body: { listened: false } })
    const told: string[] = []
    const socket = await listener(`${deepgram.url}/v1/listen?model=nova-3&encoding=mulaw&sample_rate=8000`, told)
    expect(await hear('  the second\n one ')).toEqual({ status: 200, body: { listened: true } })
    for (let frame = 0; frame < 100; frame++) socket.send(Buffer.alloc(160, 0xff))
    await until(() => told.includes('the second one'))
    expect(told.join(' ')).not.toContain('nobody')
    socket.terminate()
    for (const words of ['', ' ', 1, 'word '.repeat(201)]) expect((await hear(words)).status).toBe(400)
    expect(await refusal('POST', '/phones/+15550100099/hear', { words: 'hello' })).toContain('no phone was put')
    await ask('POST', `/phones/${from}/hang-up`)
  })

  test('in turns and by Async too, each in its own way', async () => {
    const from = '+15550100005'
    await ask('POST', '/dial-in', { from, voiceUrl, phone: { answer: { afterMs: 0 } } })
    await until(() => network.calls.some((call) => call.from === from && call.status === 'in-progress'))
    const addresses = [
      `${deepgram.url}/v2/listen?model=flux-general-en&encoding=mulaw&sample_rate=8000`,
      `${async.url}/speech_to_text/stream?api_key=${async.apiKey}&model_id=async_asr_v1.0&sample_rate=16000`,
    ]
    for (const address of addresses) {
      const told: string[] = []
      const socket = await listener(address, told)
      expect(await ask('POST', `/phones/${from}/hear`, { words: 'the third one' })).toEqual({
        status: 200,
        body: { listened: true },
      })
      for (let frame = 0; frame < 20; frame++) socket.send(Buffer.alloc(3_200, 0xff))
      await until(() => told.includes('the third one'))
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.terminate()
      await closed
    }
    await ask('POST', `/phones/${from}/hang-up`)
  })

  test('who calls in may have a script, as a phone that is put', async () => {
    const from = '+15550100002'
    const phone = { steps: [{ afterAnswerMs: 0, hangUp: true }] }
    expect((await ask('POST', '/dial-in', { from, voiceUrl, phone })).status).toBe(201)
    await until(() => network.calls.some((call) => call.from === from && call.status === 'completed'))
  })

  test('GET /faults tells what every side refused', async () => {
    await fetch(`${network.url}/2010-04-01/Accounts/${network.account.sid}/Calls.json`, { method: 'POST' })
    for (const address of [
      `${deepgram.url}/v1/listen`,
      `${deepgram.url}/v2/listen`,
      `${async.url}/speech_to_text/stream`,
    ]) {
      const socket = new WebSocket(address.replace('http', 'ws'))
      await new Promise((resolve) => socket.once('error', resolve))
    }
    const faults = (await ask('GET', '/faults')).body
    for (const ears of [deepgram.listening, deepgram.turns, async.listening])
      expect(ears.faults.map(({ code }) => code)).toContain('bad-key')
    const ofDeepgram = [...deepgram.faults, ...deepgram.listening.faults, ...deepgram.turns.faults]
    const ofAsync = [...async.faults, ...async.listening.faults]
    expect(faults).toEqual({ network: [...network.faults], async: ofAsync, deepgram: ofDeepgram })
  })

  test('a number that is none is refused, since nobody could ever dial it', async () => {
    for (const number of ['abc', '12', '5551234567', '+0123456789'])
      expect(await refusal('PUT', `/phones/${number}`, {})).toContain('expected a phone number such as +15551234567')
    expect(await refusal('POST', '/dial-in', { from: '12', voiceUrl })).toContain('phone number')
    for (const url of ['ftp://x', '/twilio/voice', 'http://'])
      expect(await refusal('POST', '/dial-in', { from: '+15550100003', voiceUrl: url })).toContain('voiceUrl')
    expect(await refusal('POST', '/phones/+15550100009/press', { digits: '1' })).toContain('no phone was put')
    await ask('PUT', '/phones/+15550100009', {})
    expect(await refusal('POST', '/phones/+15550100009/press', { digits: 'x' })).toContain('expected digits')
    expect(await refusal('PUT', '/phones/+15550100009', { steps: [{ afterAnswerMs: 0, press: 'x' }] })).toContain('0-9')
    expect(await refusal('PUT', '/phones/+15550100009', { anwser: 'busy' })).toContain('anwser')
  })
})

describe('switches', () => {
  const patch = (which: string, body: unknown) => ask('PATCH', `/behaviour/${which}`, body)

  test('{} only shows them', async () => {
    expect((await patch('network', {})).body).toEqual(JSON.parse(JSON.stringify(network.behaviour)))
    expect((await patch('async', {})).body).toEqual(JSON.parse(JSON.stringify(async.behaviour)))
    expect((await patch('deepgram', {})).body).toEqual(JSON.parse(JSON.stringify(deepgram.behaviour)))
  })

  test('every switch can be set to what it is', async () => {
    for (const [which, behaviour] of [
      ['network', network.behaviour],
      ['async', async.behaviour],
      ['deepgram', deepgram.behaviour],
    ] as const) {
      const before = { ...behaviour }
      for (const [name, value] of Object.entries(before)) {
        const { status, body } = await patch(which, { [name]: (value as unknown) ?? null })
        expect([name, status, body]).toEqual([name, 200, expect.anything()])
      }
      expect(behaviour).toEqual(before)
    }
  })

  test('no switch takes a value that it cannot have, and what it can have is said', async () => {
    for (const [which, behaviour] of [
      ['network', network.behaviour],
      ['async', async.behaviour],
      ['deepgram', deepgram.behaviour],
    ] as const) {
      const before = { ...behaviour }
      for (const name of Object.keys(before)) {
        for (const wrong of [{ no: 'such' }, ['', 1], -1, name === 'connectedVersion' ? 1 : 'sometimes'])
          expect(await refusal('PATCH', `/behaviour/${which}`, { [name]: wrong })).toMatch(`for ${name}; `)
      }
      expect(behaviour).toEqual(before)
    }
    expect(await refusal('PATCH', '/behaviour/network', { streamOpening: 'late' })).toBe(
      'expected one of "normal", "never", "twice" for streamOpening; "late" came',
    )
    expect(await refusal('PATCH', '/behaviour/async', { lateChunks: 'x' })).toContain('a number of 0 or more')
    expect(await refusal('PATCH', '/behaviour/network', { sendStop: 1 })).toContain('true or false')
    expect(await refusal('PATCH', '/behaviour/network', { sendStop: false, nothing: 1 })).toContain(
      'no switch is named nothing',
    )
    expect(await refusal('PATCH', '/behaviour/async', { constructor: 1 })).toContain('no switch is named constructor')
    expect(network.behaviour.sendStop).toBe(true)
  })

  test('what has more to say than a word: objects, lists, no limit, none', async () => {
    const rest = { kind: 'status', status: 503, body: 'json', processed: false }
    await patch('network', {
      rest,
      geoPermissions: ['+1'],
      callsPerSecond: 2,
      firstTimestampMs: 60,
      verifiedNumbers: ['+1'],
    })
    expect(network.behaviour).toMatchObject({ rest, geoPermissions: ['+1'], callsPerSecond: 2, firstTimestampMs: 60 })
    await patch('network', { rest: { kind: 'normal' }, geoPermissions: 'all', callsPerSecond: null })
    expect(network.behaviour).toMatchObject({ rest: { kind: 'normal' }, callsPerSecond: Number.POSITIVE_INFINITY })
    const incidents = [{ at: 'audio', nth: 2, what: { kind: 'error', code: 'TIMEOUT' } }]
    await patch('async', {
      incidents,
      gap: { everyChunks: 2, ms: 10 },
      chunks: { kind: 'odd' },
      handshake: { httpStatus: 503 },
    })
    expect(async.behaviour).toMatchObject({ incidents, gap: { everyChunks: 2, ms: 10 }, chunks: { kind: 'odd' } })
    const fatal = [{ at: 'flush', nth: 3, what: { kind: 'fatal', code: 'NET-0000' } }]
    await patch('deepgram', { incidents: fatal })
    expect(deepgram.behaviour.incidents).toEqual(fatal)
    await patch('async', { gap: null, incidents: [] })
    expect(async.behaviour.gap).toBeUndefined()
    expect(
      await refusal('PATCH', '/behaviour/async', { incidents: [{ at: 'lunch', what: { kind: 'stall' } }] }),
    ).toContain('expected a list of incidents')
  })
})
