import { expect, onTestFinished, test } from 'vitest'
import { createAsyncRecognizer } from '../../src/hearing/async/recognizer.ts'
import { createDeepgramRecognizer } from '../../src/hearing/deepgram/recognizer.ts'
import { startAsyncService } from '../../src/simulator/async/service.ts'
import { createSteppedClock } from '../../src/simulator/clock.ts'
import { startDeepgramService } from '../../src/simulator/deepgram/service.ts'

async function start(model = 'nova-3') {
  const clock = createSteppedClock()
  const service = await startDeepgramService({ clock })
  const { url, apiKey } = service
  onTestFinished(() => service.close())
  return { clock, service, recognizer: createDeepgramRecognizer({ url, apiKey, model }, { clock }) }
}

const payload = Buffer.alloc(160, 0xff).toString('base64')

test('docs/hearing.md: a session', async () => {
  const { clock, service, recognizer } = await start()
  const { signal } = new AbortController()
  const answers: string[] = []
  const failures: string[] = []
  async function listen() {
    const session = recognizer.open({
      signal,
      phrases: ['keep it', 'move it'],
      heard(event) {
        if (event.type === 'utterance') answers.push(event.text)
        if (event.type === 'failed') failures.push(event.error.code)
      },
    })
    await session.ready // need not be waited for
    session.audio(payload) // of each media frame of Twilio, as it came
    return session
  }

  const session = await clock.runUntil(listen())
  service.listening.hear('move it')
  for (let frame = 0; frame < 100; frame++) {
    session.audio(payload)
    await clock.advance(20)
  }
  expect([answers, failures]).toEqual([['move it'], []])
  await clock.runUntil(session.close())
})

test('docs/simulator-deepgram.md: what somebody says', async () => {
  const { clock, service, recognizer } = await start()
  const heard: string[] = []
  const session = recognizer.open({
    signal: new AbortController().signal,
    heard: (event) => heard.push(event.type === 'interim' ? event.text : event.type),
  })
  await clock.runUntil(session.ready)
  const audio = async (frames: number) => {
    for (let frame = 0; frame < frames; frame++) {
      session.audio(payload)
      await clock.advance(20)
    }
  }
  service.listening.hear('the second one')
  await audio(150)
  service.listening.hear({ text: 'no, the first', wordMs: 400, interims: ['know', 'no the', 'no the thirst'] })
  await audio(150)
  expect(heard.filter((text) => text.includes(' '))).toEqual([
    'the second',
    'the second one',
    'no the',
    'no the thirst',
  ])
  expect(heard.filter((text) => text === 'utterance')).toHaveLength(2)

  service.listening.hear('the second one')
  service.listening.hear({ text: 'no, the first', wordMs: 400, interims: ['know', 'no the', 'no the thirst'] })
  service.listening.behaviour.endpoint = 'never'
  service.listening.strike({ kind: 'stuck' })
  const told = heard.length
  await audio(100)
  expect(heard.length).toBe(told)
  await clock.runUntil(session.close())
})

test('docs/simulator-async.md: what somebody says', async () => {
  const clock = createSteppedClock()
  const service = await startAsyncService({ clock })
  onTestFinished(() => service.close())
  const said: string[] = []
  const guesses: string[] = []
  const failures: string[] = []
  const session = createAsyncRecognizer({ url: service.url, apiKey: service.apiKey }, { clock }).open({
    signal: new AbortController().signal,
    heard(event) {
      if (event.type === 'utterance') said.push(event.text)
      if (event.type === 'interim') guesses.push(event.text)
      if (event.type === 'failed') failures.push(event.error.code)
    },
  })
  const audio = async (frames: number) => {
    for (let frame = 0; frame < frames; frame++) {
      session.audio(payload)
      await clock.advance(20)
    }
  }
  await clock.runUntil(session.ready)
  service.listening.hear('the second one')
  service.listening.hear({ text: 'no, the first', atMs: 4000, wordMs: 400, interims: ['know', 'no the thirst'] })
  service.listening.behaviour.marks = 'is-final' // counts from now on
  await audio(400)
  expect([said, failures]).toEqual([['the second one', 'no, the first'], []])
  expect(guesses.slice(-2)).toEqual(['know', 'no the thirst'])
  await clock.runUntil(session.close())
})

test('docs/simulator-deepgram.md: what somebody says in turns', async () => {
  const { clock, service, recognizer } = await start('flux-general-en')
  const heard: string[] = []
  const session = recognizer.open({
    signal: new AbortController().signal,
    heard: (event) => heard.push('text' in event ? `${event.type} ${event.text}` : event.type),
  })
  await clock.runUntil(session.ready)
  service.turns.hear({ text: '', parts: ['move it', 'to Tuesday'] })
  service.turns.behaviour.eager = 'always' // between the parts an end that is taken back
  service.turns.behaviour.end = 'never'
  service.turns.strike({ kind: 'error', code: 'INTERNAL_SERVER_ERROR' })
  await clock.advance(0)
  service.turns.hear({ text: '', parts: ['move it', 'to Tuesday'] })
  for (let frame = 0; frame < 400; frame++) {
    session.audio(payload)
    await clock.advance(20)
  }
  expect(heard).toEqual([
    'started',
    'interim move',
    'interim move it',
    'interim move it to',
    'interim move it to Tuesday',
    'utterance move it to Tuesday',
  ])
  expect(service.turns.sockets).toHaveLength(2)
  await clock.runUntil(session.close())
})
