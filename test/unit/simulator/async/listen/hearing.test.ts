import { expect, test } from 'vitest'
import type { ListenBehaviour } from '../../../../../src/simulator/async/listen/behaviour.ts'
import { ready } from './harness.ts'

test('a saying comes as interim replies that grow and one that is done, at their times of the audio', async () => {
  const { listening, audio, came, frames } = await ready({ latencyMs: 0 })
  await audio(500)
  listening.hear({ text: 'the second one', wordMs: 250 })
  await audio(2000)
  expect(frames()).toEqual([
    { type: 'interim', transcript: 'the' },
    { type: 'interim', transcript: 'the second' },
    { type: 'interim', transcript: 'the second one' },
    { type: 'done', transcript: 'the second one' },
  ])
  // A frame of 250 ms is heard when it is whole, which is when it is sent.
  expect(came.map(({ atMs }) => atMs)).toEqual([500, 750, 1000, 1500])
})

test.each<[string, Partial<ListenBehaviour>, unknown[]]>([
  [
    'final',
    { marks: 'final' },
    [
      { final: false, transcript: 'yes' },
      { final: true, transcript: 'yes' },
    ],
  ],
  [
    'is_final and text',
    { marks: 'is-final', textField: 'text' },
    [
      { is_final: false, text: 'yes' },
      { is_final: true, text: 'yes' },
    ],
  ],
  ['the final ones marked only', { marks: 'only-final' }, [{ transcript: 'yes' }, { final: true, transcript: 'yes' }]],
  ['no text in final ones', { finalText: 'missing' }, [{ type: 'interim', transcript: 'yes' }, { type: 'done' }]],
  [
    'interims that change',
    { interims: 'changing' },
    [{ transcript: 'um esy' }, { transcript: 'yes' }, { type: 'done' }],
  ],
  ['no interims', { interims: 'none' }, [{ type: 'done', transcript: 'yes' }]],
  ['finals twice', { finals: 'twice', interims: 'none' }, [{ type: 'done' }, { type: 'done' }]],
  ['finals when asked', { finals: 'when-asked' }, [{ type: 'interim' }]],
  ['finals never', { finals: 'never' }, [{ type: 'interim' }]],
  ['every mark', { marks: 'all', interims: 'none' }, [{ type: 'done', final: true, is_final: true }]],
  ['slow', { latencyMs: 60_000 }, []],
])('behaviour: %s', async (_what, behaviour, expected) => {
  const { listening, audio, frames } = await ready(behaviour)
  listening.hear('yes')
  await audio(2000)
  expect(frames()).toHaveLength(expected.length)
  expect(frames()).toMatchObject(expected)
})

test('a saying in parts has a final reply of each', async () => {
  const { listening, audio, frames } = await ready({ interims: 'none' })
  listening.hear({ text: '', parts: ['I want to', 'move it'] })
  await audio(3000)
  expect(frames()).toMatchObject([{ transcript: 'I want to' }, { transcript: 'move it' }])
})

test('without audio nothing is heard', async () => {
  const { listening, clock, frames } = await ready()
  listening.hear('yes')
  await clock.advance(5000)
  expect(frames()).toEqual([])
})

test.each([
  ['when-asked', 'closes', [{ type: 'done', transcript: 'yes' }], 1000],
  ['by-themselves', 'stays-open', [{ type: 'done', transcript: 'yes' }], undefined],
  ['never', 'closes', [], 1000],
] as const)('asked for its last words, with finals %s, it %s', async (finals, afterFinish, last, code) => {
  const stage = await ready({ finals, afterFinish, interims: 'none' })
  stage.listening.hear('yes')
  await stage.audio(500)
  stage.send({ final: true })
  await stage.clock.advance(150)
  expect(stage.frames()).toEqual([])
  await stage.clock.advance(100)
  expect([stage.frames(), stage.endedWith]).toEqual([last, code])
  expect(stage.listening.received.map(({ kind }) => kind)).toEqual(['finish'])
})

test('asked for its last words where there are none, it says that', async () => {
  const stage = await ready()
  await stage.audio(500)
  stage.send({ final: true })
  await stage.clock.advance(300)
  expect(stage.frames()).toEqual([{ type: 'done', transcript: '' }])
})

test('audio is kept byte for byte, with what the handshake asked for', async () => {
  const { clock, listening, socket } = await ready()
  socket.send(Buffer.alloc(8000, 7))
  await clock.advance(0)
  expect(listening.sockets.map((it) => [it.open, it.audioBytes, it.audio().equals(Buffer.alloc(8000, 7))])).toEqual([
    [true, 8000, true],
  ])
  expect(listening.sockets[0]?.settings).toEqual({ model: 'async_asr_v1.0', language: undefined, sampleRateHz: 16_000 })
})
