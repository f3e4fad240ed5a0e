import { DeepgramClient } from '@deepgram/sdk'
import { expect, onTestFinished, test } from 'vitest'
import { startDeepgramService } from '../../../../../src/simulator/deepgram/service.ts'

test('the official client listens: audio, results, utterance end, keep alive, finalize, close', async () => {
  const service = await startDeepgramService({ listening: { latencyMs: 0 } })
  onTestFinished(() => service.close())
  const client = new DeepgramClient({ apiKey: service.apiKey, baseUrl: service.url })
  const socket = await client.listen.v1.connect({
    model: 'nova-3',
    encoding: 'mulaw',
    sample_rate: 8000,
    interim_results: 'true',
    utterance_end_ms: 1000,
    endpointing: 300,
    vad_events: 'true',
    keyterm: ['second'],
    Authorization: `Token ${service.apiKey}`,
  })
  onTestFinished(() => socket.close())
  const told: string[] = []
  const ended = new Promise<void>((resolve) => {
    socket.on('message', (message) => {
      if (message.type === 'Results') {
        const text = message.channel.alternatives[0]?.transcript
        if (text) told.push(`${message.is_final ? '=' : '~'}${text}`)
      } else told.push(message.type)
      if (message.type === 'Metadata') resolve()
    })
  })
  service.listening.hear('the second one')
  socket.connect()
  await socket.waitForOpen()
  socket.sendMedia(new Uint8Array(8000 * 3).fill(0xff))
  socket.sendKeepAlive({ type: 'KeepAlive' })
  socket.sendFinalize({ type: 'Finalize' })
  socket.sendCloseStream({ type: 'CloseStream' })
  await ended
  expect(told).toEqual([
    'SpeechStarted',
    '~the',
    '~the second',
    '~the second one',
    '=the second one',
    'UtteranceEnd',
    'Metadata',
  ])
  expect(service.listening.sockets.map((it) => [it.audioBytes, it.settings.keyterms])).toEqual([[24_000, ['second']]])
  expect(service.listening.received.map((it) => [it.kind, it.verdict])).toEqual([
    ['keep-alive', 'ok'],
    ['finalize', 'ok'],
    ['close-stream', 'ok'],
  ])
  expect(service.listening.faults).toEqual([])
})
