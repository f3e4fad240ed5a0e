import { expect, test } from 'vitest'
import { ready, telephony } from './harness.ts'

const eager = `${telephony}&eager_eot_threshold=0.5`

test('a saying comes as a start with its first word, growing updates and an end, at its time of the audio', async () => {
  const { turns, audio, told, came } = await ready({ latencyMs: 0, updateMs: Number.POSITIVE_INFINITY })
  await audio(500)
  turns.hear({ text: 'the second one', wordMs: 200 })
  await audio(2000)
  expect(told()).toEqual(['Connected', '0+the', '0~the second', '0~the second one', '0=the second one'])
  const at = (part: string) => came.find(({ text }) => text.includes(part))?.atMs
  expect([at('StartOfTurn'), at('EndOfTurn')]).toEqual([680, 1340])
})

test('a turn tells its words with their confidence and place, how sure its end is, and what ended it', async () => {
  const { turns, audio, frames } = await ready()
  turns.hear({ text: 'yes please', atMs: 1000, wordMs: 400 })
  await audio(3000)
  expect(frames().find(({ event }) => event === 'EndOfTurn')).toMatchObject({
    turn_index: 0,
    transcript: 'yes please',
    words: [
      { word: 'yes', confidence: 0.98, start: 1, end: 1.4 },
      { word: 'please', confidence: 0.98, start: 1.4, end: 1.8 },
    ],
    audio_window_start: 0,
    audio_window_end: 2.05,
    end_of_turn_confidence: 0.9,
    trigger: 'model',
  })
  expect(frames().filter((frame) => frame.event !== 'EndOfTurn' && 'trigger' in frame)).toEqual([])
})

test('the next turn has the next number, and its window begins where the one before ended', async () => {
  const { turns, audio, told, frames } = await ready({ updates: 'none' })
  turns.hear('yes')
  await audio(2000)
  turns.hear('no')
  await audio(2000)
  expect(told()).toEqual(['Connected', '0+yes', '0=yes', '1+no', '1=no'])
  const [one, two] = frames().filter(({ event }) => event === 'EndOfTurn')
  expect(two).toHaveProperty('audio_window_start', one && 'audio_window_end' in one ? one.audio_window_end : undefined)
})

test('silence brings an Update without words every 250 ms, and a pause within a turn one with its words', async () => {
  const { turns, audio, frames } = await ready({ latencyMs: 0, end: 'timeout' }, `${telephony}&eot_timeout_ms=1000`)
  await audio(1000)
  expect(frames().map(({ event, transcript }) => [event, transcript])).toEqual([
    [undefined, undefined],
    ...Array.from({ length: 3 }, () => ['Update', '']),
  ])
  turns.hear('yes')
  await audio(2000)
  const during = frames().slice(5)
  expect(during[0]).toMatchObject({ event: 'StartOfTurn', transcript: 'yes' })
  expect(during.slice(1, 4)).toMatchObject(Array.from({ length: 3 }, () => ({ event: 'Update', transcript: 'yes' })))
  expect(during).toContainEqual(expect.objectContaining({ event: 'EndOfTurn', trigger: 'timeout' }))
})

const bare = { updateMs: Number.POSITIVE_INFINITY } as const

test.each([
  ['updates that change', { updates: 'changing' }, ['0+um esy', '0~yes', '0=yes']],
  ['no updates', { updates: 'none' }, ['0+yes', '0=yes']],
  ['a start without a word', { start: 'without-word' }, ['0+', '0~yes', '0=yes']],
  ['no start', { start: 'missing' }, ['0~yes', '0=yes']],
  ['the end twice', { end: 'twice' }, ['0+yes', '0=yes', '0=yes']],
  ['no end', { end: 'never' }, ['0+yes', '0~yes']],
  ['an eager end, unasked for', { eager: 'always' }, ['0+yes', '0?yes', '0=yes']],
  ['an eager end taken back', { eager: 'always', resumed: 'always' }, ['0+yes', '0?yes', '0&yes', '0?yes', '0=yes']],
  ['words as a sentence', { writing: 'sentence' }, ['0+Yes', '0=Yes.']],
] as const)('behaviour: %s', async (_what, behaviour, expected) => {
  const { turns, audio, told } = await ready({ ...bare, ...behaviour })
  turns.hear('yes')
  await audio(2000)
  expect(told()).toEqual(['Connected', ...expected])
})

test('EagerEndOfTurn comes where it is asked for: after each part, and TurnResumed with the next word', async () => {
  const { turns, audio, told } = await ready(bare, eager)
  turns.hear({ text: '', parts: ['I want', 'to go'] })
  await audio(3000)
  expect(told().slice(1)).toEqual([
    '0+I',
    '0~I want',
    '0?I want',
    '0&I want to',
    '0~I want to go',
    '0?I want to go',
    '0=I want to go',
  ])
})

test('what is said into a turn that did not end belongs to it', async () => {
  const { turns, audio, told } = await ready({ ...bare, end: 'never', updates: 'none' })
  turns.hear('one two')
  await audio(2000)
  turns.hear('three')
  await audio(1000)
  expect(told().slice(1)).toEqual(['0+one', '0~one two', '0~one two three', '0~one two three'])
})

test('guesses can be scripted', async () => {
  const { turns, audio, told } = await ready(bare)
  turns.hear({ text: 'move it', interims: ['mauve', 'mauve it', ''] })
  await audio(2000)
  expect(told().slice(1)).toEqual(['0+mauve', '0~mauve it', '0=move it'])
})

test('words may lack their times, as they did once; the model of many languages tells which it heard', async () => {
  const { turns, audio, frames } = await ready(
    { wordTimes: 'missing' },
    `${telephony.replace('-en', '-multi')}&language_hint=de`,
  )
  turns.hear('ja')
  await audio(1000)
  expect(frames().at(-1)).toMatchObject({ languages: ['de'], languages_hinted: ['de'] })
  const end = frames().find(({ event }) => event === 'EndOfTurn')
  expect(end).toHaveProperty('words', [{ word: 'ja', confidence: 0.98 }])
})

test('ForceEndTurn ends a turn with the words so far, and nothing where there is none', async () => {
  const { turns, audio, told, frames, send, clock } = await ready(bare)
  send({ type: 'ForceEndTurn' })
  turns.hear('one two three')
  await audio(700)
  send({ type: 'ForceEndTurn' })
  await audio(1000)
  await clock.advance(200)
  expect(told().slice(1)).toEqual(['0+one', '0~one two', '0=one two'])
  expect(frames().at(-1)).toMatchObject({ trigger: 'manual' })
})

test('Configure changes what is said from then on, or fails', async () => {
  const { turns, audio, told, frames, send, clock } = await ready(bare)
  await audio(100)
  send({ type: 'Configure', thresholds: { eager_eot_threshold: 0.4 } })
  send({ type: 'Configure', thresholds: { eager_eot_threshold: 7 } })
  await clock.advance(200)
  expect(frames().slice(1)).toMatchObject([
    { type: 'ConfigureSuccess', thresholds: { eager_eot_threshold: 0.4 }, keyterms: [], sequence_id: 1 },
    { type: 'ConfigureFailure', sequence_id: 2 },
  ])
  turns.hear('yes')
  await audio(1000)
  expect(told()).toContain('0?yes')
})
