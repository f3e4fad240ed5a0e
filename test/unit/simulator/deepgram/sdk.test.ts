import { Deepgram, DeepgramClient } from '@deepgram/sdk'
import { expect, onTestFinished, test } from 'vitest'
import type { DeepgramBehaviour } from '../../../../src/simulator/deepgram/behaviour.ts'
import { documentedModels } from '../../../../src/simulator/deepgram/models.ts'
import { type DeepgramService, startDeepgramService } from '../../../../src/simulator/deepgram/service.ts'

const telephony = { model: 'aura-2-thalia-en', encoding: 'mulaw', sample_rate: '8000' } as const

async function startSdk(behaviour: Partial<DeepgramBehaviour> = {}) {
  const service = await startDeepgramService({
    behaviour: { firstAudioDelayMs: 0, deliveryRate: Number.POSITIVE_INFINITY, ...behaviour },
  })
  onTestFinished(() => service.close())
  return { service, client: new DeepgramClient({ apiKey: service.apiKey, baseUrl: service.url }) }
}

/** The messages are waited for before there is a connection: the first comes together with the handshake. */
async function openSocket(client: DeepgramClient) {
  const socket = await client.speak.v1.createConnection(telephony)
  onTestFinished(() => socket.close())
  const messages: AsyncIterator<unknown> = socket[Symbol.asyncIterator]()
  socket.connect()
  await socket.waitForOpen()
  return { socket, messages }
}

/** Reads on until a message of this type, which is the last; iteration keeps the order that handlers lose. */
async function readTo(messages: AsyncIterator<unknown>, type: string) {
  const types: unknown[] = []
  const audio: Buffer[] = []
  for (let step = await messages.next(); !step.done; step = await messages.next()) {
    const message = step.value
    if (message instanceof Blob) {
      audio.push(Buffer.from(await message.arrayBuffer()))
      continue
    }
    const { type: found } = message as { type: string }
    types.push(found)
    if (found === type) break
  }
  return { types, audio: Buffer.concat(audio) }
}

const spokenAudio = (service: DeepgramService) => Buffer.concat(service.spoken.map((it) => it.audio))

test('the official client speaks: text, flush, audio byte for byte, flushed, close', async () => {
  const { service, client } = await startSdk()
  const { socket, messages } = await openSocket(client)
  socket.sendText({ type: 'Speak', text: 'Hello there. How are you' })
  socket.sendText({ type: 'Speak', text: ' today?' })
  socket.sendFlush({ type: 'Flush' })
  const { types, audio } = await readTo(messages, 'Flushed')
  expect(types).toEqual(['Metadata', 'Flushed'])
  expect(audio.length).toBeGreaterThan(10_000)
  expect(audio).toEqual(spokenAudio(service))
  expect(service.spoken.map((it) => [it.model, it.text])).toEqual([
    ['aura-2-thalia-en', 'Hello there.'],
    ['aura-2-thalia-en', 'How are you today?'],
  ])
  socket.sendClose({ type: 'Close' })
  expect(await readTo(messages, 'never')).toEqual({ types: [], audio: Buffer.alloc(0) })
  await expect.poll(() => service.connections).toBe(0)
  expect(service.received.map((it) => [it.kind, it.verdict])).toEqual([
    ['speak', 'ok'],
    ['speak', 'ok'],
    ['flush', 'ok'],
    ['close', 'ok'],
  ])
  expect(service.faults).toEqual([])
})

test('the official client clears: what came after Cleared is the next text alone', async () => {
  const { service, client } = await startSdk({ deliveryRate: 1, clearWindowMs: 20 })
  const { socket, messages } = await openSocket(client)
  socket.sendText({ type: 'Speak', text: 'A long sentence that nobody wants to hear to its end. ' })
  await messages.next()
  expect((await messages.next()).value).toBeInstanceOf(Blob)
  socket.sendClear({ type: 'Clear' })
  expect((await readTo(messages, 'Cleared')).types).toEqual(['Cleared'])
  socket.sendText({ type: 'Speak', text: 'Yes?' })
  socket.sendFlush({ type: 'Flush' })
  const { audio } = await readTo(messages, 'Flushed')
  expect(audio).toEqual(Buffer.from(service.spoken[1]?.audio ?? []))
  expect(service.spoken[0]?.audio.length).toBeLessThan(53 * 480)
})

test('the official client is refused with a wrong key, and does not come in', async () => {
  const { service } = await startSdk()
  const client = new DeepgramClient({ apiKey: 'wrong', baseUrl: service.url })
  const socket = await client.speak.v1.createConnection({ ...telephony, reconnectAttempts: 0 })
  onTestFinished(() => socket.close())
  const failed = new Promise<Error>((resolve) => socket.on('error', resolve))
  socket.connect()
  expect((await failed).message).toContain('Unexpected server response: 401')
  expect([service.opened, service.faults.map((it) => it.code)]).toEqual([0, ['bad-key']])
})

test('the official client asks over HTTP: raw mu-law as it was spoken, with the headers of the service', async () => {
  const { service, client } = await startSdk()
  const response = client.speak.v1.audio.generate({
    model: 'aura-2-thalia-en',
    encoding: 'mulaw',
    sample_rate: 8000,
    container: 'none',
    text: 'Hello over HTTP.',
  })
  const { data, rawResponse } = await response.withRawResponse()
  expect(Buffer.from(await data.arrayBuffer())).toEqual(spokenAudio(service))
  expect(Object.fromEntries(rawResponse.headers)).toMatchObject({
    'content-type': 'audio/mulaw;rate=8000',
    'transfer-encoding': 'chunked',
    'dg-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'dg-model-name': 'aura-2-thalia-en',
    'dg-model-uuid': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'dg-char-count': '16',
  })
  expect([service.faults, service.requests.map((it) => it.status)]).toEqual([[], [200]])
})

test('the official client reads the error of a refused request', async () => {
  const { client } = await startSdk()
  const request = { model: 'aura-9-nobody-en', encoding: 'mulaw', container: 'none', text: 'Hello.' } as const
  await expect(client.speak.v1.audio.generate(request)).rejects.toMatchObject({
    statusCode: 400,
    body: { err_code: 'Bad Request', err_msg: 'No such model', request_id: expect.any(String) },
  })
})

test('the models are those that the official client knows, but for the one that was never served', () => {
  const known: string[] = Object.values(Deepgram.SpeakV1Model).filter((model) => model !== 'aura-2-perseo-it')
  expect(documentedModels.toSorted()).toEqual(known.toSorted())
})
