import { DeepgramClient } from '@deepgram/sdk'
import { expect, onTestFinished, test } from 'vitest'
import { startDeepgramService } from '../../../../../src/simulator/deepgram/service.ts'

test('the official client takes turns: audio, turn events, configure, forced end, close', async () => {
  const service = await startDeepgramService({
    turns: { latencyMs: 0, updateMs: Number.POSITIVE_INFINITY },
  })
  onTestFinished(() => service.close())
  const client = new DeepgramClient({ apiKey: service.apiKey, baseUrl: service.url })
  const socket = await client.listen.v2.connect({
    model: 'flux-general-en',
    encoding: 'mulaw',
    sample_rate: 8000,
    eot_threshold: 0.8,
    eager_eot_threshold: 0.4,
    eot_timeout_ms: 3000,
    keyterm: ['second', 'third'],
    Authorization: `Token ${service.apiKey}`,
    reconnectAttempts: 0,
  })
  onTestFinished(() => socket.close())
  const told: string[] = []
  const numbers: number[] = []
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  socket.on('message', (message) => {
    numbers.push(message.sequence_id)
    told.push(message.type === 'TurnInfo' ? `${message.event} ${message.transcript}` : message.type)
  })
  service.turns.hear({ text: '', parts: ['the second', 'one'] })
  service.turns.hear({ text: 'and more', atMs: 2500 })
  socket.connect()
  await socket.waitForOpen()
  // Until the whole of it has been heard, at 8 bytes for a millisecond.
  for (let sentMs = 0; sentMs < 3000; sentMs += 100) socket.sendMedia(new Uint8Array(800).fill(0xff))
  socket.sendForceEndTurn({ type: 'ForceEndTurn' })
  socket.sendConfigure({ type: 'Configure', thresholds: { eot_timeout_ms: 4000 } })
  socket.sendCloseStream({ type: 'CloseStream' })
  await closed
  expect(told).toEqual([
    'Connected',
    'StartOfTurn the',
    'Update the second',
    'EagerEndOfTurn the second',
    'TurnResumed the second one',
    'EagerEndOfTurn the second one',
    'EndOfTurn the second one',
    'StartOfTurn and',
    'EndOfTurn and',
    'ConfigureSuccess',
  ])
  expect(numbers).toEqual(told.map((_, index) => index))
  expect(service.turns.sockets.map((it) => [it.audioBytes, it.settings.keyterms])).toEqual([
    [24_000, ['second', 'third']],
  ])
  expect(service.turns.received.map((it) => [it.kind, it.verdict])).toEqual([
    ['force-end-turn', 'ok'],
    ['configure', 'ok'],
    ['close-stream', 'ok'],
  ])
  expect(service.turns.faults).toEqual([])
})
