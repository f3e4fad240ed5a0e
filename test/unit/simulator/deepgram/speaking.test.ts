import { expect, test } from 'vitest'
import { toneVoice } from '../../../../src/simulator/tone-voice.ts'
import { ready } from './harness.ts'

async function tone(text: string): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of toneVoice(text, { signal: new AbortController().signal })) pieces.push(piece)
  return Buffer.concat(pieces)
}

test('Metadata comes first, then audio of varying size without an id, then Flushed behind its audio', async () => {
  const { clock, client, service } = await ready()
  expect(client.frames()).toEqual([
    {
      type: 'Metadata',
      request_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      model_name: 'aura-2-thalia-en',
      model_version: expect.any(String),
      model_uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
  ])
  client.say('Hello there. ')
  client.say('How are you ')
  client.say('today?')
  client.flush()
  await clock.advance(5000)
  expect(client.shape()).toBe('MaF')
  expect(client.frames('Flushed')).toEqual([{ type: 'Flushed', sequence_id: 0 }])
  expect(client.audio()).toEqual(Buffer.concat([await tone('Hello there.'), await tone('How are you today?')]))
  const sizes = client.came.filter((it) => Buffer.isBuffer(it)).map((it) => it.length)
  expect(new Set(sizes).size).toBeGreaterThan(2)
  expect(service.spoken.map((it) => it.text)).toEqual(['Hello there.', 'How are you today?'])
  expect(Buffer.concat(service.spoken.map((it) => it.audio))).toEqual(client.audio())
  expect(service.faults).toEqual([])
})
