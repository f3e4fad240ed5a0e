import { expect, test } from 'vitest'
import { ready, telephony } from './harness.ts'

test('a saying comes as SpeechStarted, growing interims, a final result and UtteranceEnd, at its time of the audio', async () => {
  const { listening, audio, told, came } = await ready({ latencyMs: 0 })
  await audio(500)
  listening.hear({ text: 'the second one', wordMs: 200 })
  await audio(2000)
  expect(told()).toEqual([
    'SpeechStarted',
    '~the',
    '~the second',
    '~the second one',
    '=the second one!',
    'UtteranceEnd',
  ])
  const at = (part: string) => came.find(({ text }) => text.includes(part))?.atMs
  expect(at('"transcript":"the"')).toBe(680)
  expect(at('"speech_final":true')).toBe(1380)
  expect(at('UtteranceEnd')).toBe(2080)
})

test('a final result tells where its words stand in the audio', async () => {
  const { listening, audio, frames } = await ready()
  listening.hear({ text: 'yes please', atMs: 1000, wordMs: 400 })
  await audio(3000)
  const final = frames().find(({ speech_final: speechFinal }) => speechFinal)
  expect(final).toMatchObject({
    channel_index: [0, 1],
    start: 1,
    duration: 0.8,
    is_final: true,
    from_finalize: false,
    channel: {
      alternatives: [
        {
          words: [
            { word: 'yes', start: 1, end: 1.4 },
            { word: 'please', start: 1.4, end: 1.8 },
          ],
        },
      ],
    },
    metadata: { model_info: { name: 'nova-3' } },
  })
})

test('a saying in parts has a final result of each, and one endpoint', async () => {
  const { listening, audio, told } = await ready({ interims: 'none', speechStarted: 'missing' })
  listening.hear({ text: '', parts: ['I want to move it', 'to Tuesday'] })
  await audio(4000)
  expect(told()).toEqual(['=I want to move it', '=to Tuesday!', 'UtteranceEnd'])
})

test.each([
  ['interims that change', { interims: 'changing' }, ['~um esy', '~yes', '=yes!', 'UtteranceEnd']],
  ['no interims', { interims: 'none' }, ['=yes!', 'UtteranceEnd']],
  ['finals twice', { finals: 'twice' }, ['~yes', '=yes!', '=yes!', 'UtteranceEnd']],
  ['an endpoint by silence alone', { endpoint: 'utterance-end' }, ['~yes', '=yes', 'UtteranceEnd']],
  ['an endpoint in the result alone', { endpoint: 'speech-final' }, ['~yes', '=yes!']],
  ['no endpoint', { endpoint: 'never' }, ['~yes', '=yes']],
] as const)('behaviour: %s', async (_what, behaviour, expected) => {
  const { listening, audio, told } = await ready({ ...behaviour, speechStarted: 'missing' })
  listening.hear('yes')
  await audio(2000)
  expect(told()).toEqual(expected)
})

test('what the query does not ask for does not come', async () => {
  const { listening, audio, told } = await ready({}, 'model=nova-2&encoding=mulaw&sample_rate=8000&endpointing=false')
  listening.hear('yes')
  await audio(2000)
  expect(told()).toEqual(['=yes'])
})

test('guesses can be scripted', async () => {
  const { listening, audio, told } = await ready({ speechStarted: 'missing' })
  listening.hear({ text: 'move it', interims: ['mauve', 'mauve it', ''] })
  await audio(2000)
  expect(told()).toEqual(['~mauve', '~mauve it', '=move it!', 'UtteranceEnd'])
})

test('silence brings results without words', async () => {
  const { audio, frames } = await ready({ latencyMs: 0 })
  await audio(3000)
  expect(frames().map((frame) => frame.channel?.alternatives?.[0]?.transcript)).toEqual(['', '', ''])
})

test('Finalize brings out what was begun, or nothing where it goes unanswered', async () => {
  const { clock, listening, audio, told, frames, send } = await ready({ speechStarted: 'missing', interims: 'none' })
  listening.hear({ text: 'one two three', wordMs: 1000 })
  await audio(2500)
  send({ type: 'Finalize' })
  await clock.advance(200)
  expect(told()).toEqual(['=one two three!'])
  expect(frames().at(-1)?.from_finalize).toBe(true)
  send({ type: 'Finalize' })
  await clock.advance(200)
  expect(frames().at(-1)).toMatchObject({
    is_final: true,
    from_finalize: true,
    channel: { alternatives: [{ transcript: '' }] },
  })
  listening.behaviour.finalize = 'unanswered'
  const before = frames().length
  send({ type: 'Finalize' })
  await clock.advance(2000)
  expect(frames().length).toBe(before)
})

test('audio is kept byte for byte, with what the handshake asked for', async () => {
  const { clock, listening, socket } = await ready({}, `${telephony}&language=en&keyterm=Miller&keyterm=Tuesday`)
  socket.send(Buffer.from('abc'))
  socket.send(Buffer.from('def'))
  await clock.advance(0)
  expect(listening.sockets.map((it) => [it.open, it.audioBytes, it.audio().toString()])).toEqual([[true, 6, 'abcdef']])
  expect(listening.sockets[0]?.settings).toMatchObject({
    model: 'nova-3',
    language: 'en',
    keyterms: ['Miller', 'Tuesday'],
    endpointingMs: 300,
    utteranceEndMs: 1000,
    interimResults: true,
    vadEvents: true,
  })
  expect(listening.faults).toEqual([])
})
