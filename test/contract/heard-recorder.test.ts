import { expect, test } from 'vitest'
import { BridgeError } from '../../src/errors.ts'
import type { Heard, Recognizer } from '../../src/hearing/recognizer.ts'
import { createHeardRecorder, openRecorded } from './heard-recorder.ts'

const failed: Heard = { type: 'failed', error: new BridgeError('hearing.lost', 'gone') }
const started: Heard = { type: 'started' }

test.each<[string, Heard[], string[]]>([
  ['noise', [started, started, failed], []],
  [
    'an utterance in two parts',
    [
      started,
      { type: 'interim', text: 'one' },
      { type: 'final', text: 'the' },
      { type: 'final', text: 'one' },
      { type: 'utterance', text: 'the one' },
    ],
    [],
  ],
  ['words out of nowhere', [{ type: 'interim', text: 'one' }], ['interim before started']],
  ['an empty text', [started, { type: 'interim', text: ' ' }], ['interim of odd text']],
  [
    'an utterance that is told twice',
    [started, { type: 'utterance', text: 'one' }, { type: 'utterance', text: 'one' }],
    ['utterance before started'],
  ],
  [
    'an utterance that lacks a part',
    [started, { type: 'final', text: 'the' }, { type: 'utterance', text: 'one' }],
    ['an utterance that lacks its finals'],
  ],
  ['an end that is none', [failed, started], ['started after failed']],
])('the contract is held against %s', (_what, events, breaches) => {
  const recorder = createHeardRecorder()
  for (const event of events) recorder.heard(event)
  expect(recorder.breaches).toEqual(breaches)
})

test('after the close nothing may be told', async () => {
  let tell: (event: Heard) => void = () => {}
  const chatty: Recognizer = {
    name: 'chatty',
    capabilities: { interim: true, voiceActivity: true, phrases: false },
    open({ heard }) {
      tell = heard
      return { ready: Promise.resolve(), audio: () => {}, close: () => Promise.resolve() }
    },
  }
  const { recorder, session } = openRecorded(chatty, { signal: AbortSignal.any([]) })
  tell(started)
  await session.close()
  expect(recorder.breaches).toEqual([])
  tell(started)
  expect(recorder.breaches).toEqual(['started after close'])
})
