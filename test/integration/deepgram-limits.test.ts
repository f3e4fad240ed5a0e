import { expect, test } from 'vitest'
import { bytesToMs } from '../../src/audio/duration.ts'
import type { DeepgramService } from '../../src/simulator/deepgram/service.ts'
import type { SpeechEvent } from '../../src/speech/provider.ts'
import { type Recording, record } from '../contract/speech-recorder.ts'
import { at, say, scene } from './deepgram-scene.ts'

/** What went out, as text and as audio. */
function spokenBy(service: DeepgramService) {
  const audio = Buffer.concat(service.spoken.map((one) => one.audio))
  return { text: service.spoken.map(({ text }) => text).join(' '), audio }
}

/** Large, since these texts are long. */
const chunks = { kind: 'random', seed: 1, minBytes: 4000, maxBytes: 12_000 } as const

const heardOf = (recordings: readonly Recording[]) => Buffer.concat(recordings.map((one) => one.audio()))
const kinds = (recordings: readonly Recording[]) =>
  recordings.map(({ ends: [end] }) => (end?.kind === 'done' && end.joined ? 'joined' : end?.kind))

test.each([
  ['ordinary', 60, 'is as long as sentences in announcements mostly are.', ['done']],
  // As many of them as may be flushed in a minute take less than a minute to hear.
  ['short', 70, 'is short.', ['done', 'joined']],
] as const)(
  '%s sentences at the pace of a call stay below every limit, and their listener hears no gap',
  async (_what, count, words, ends) => {
    let firstAt = 0
    let receivedMs = 0
    const bufferedMs = () => Math.max(0, firstAt + receivedMs - clock.now())
    const { clock, service, session } = await scene({ chunks }, { bufferedMs })
    const recordings: Recording[] = []
    let gaps = 0
    for (let index = 0; index < count; index++) {
      while (bufferedMs() > 30_000) await clock.advance(1000)
      let heardBytes = 0
      const recording = record(session, [`Sentence ${index} ${words}`], {
        onAudio(heard) {
          if (firstAt === 0) firstAt = clock.now()
          if (bufferedMs() === 0) gaps++
          const length = heard.audio().length
          receivedMs += bytesToMs(length - heardBytes)
          heardBytes = length
        },
      })
      recordings.push(recording)
      recording.input.end()
      if (index % 3 === 2) await clock.runUntil(recording.ended)
    }
    await clock.runUntil(Promise.all(recordings.map((one) => one.ended)))
    expect([...new Set(kinds(recordings))].toSorted()).toEqual(ends)
    // Before the very first audio nothing is buffered.
    expect(gaps).toBe(1)
    expect(heardOf(recordings).equals(spokenBy(service).audio)).toBe(true)
    expect(service.faults).toEqual([])
    if (ends.length === 1) expect(service.opened).toBe(1)
  },
)

test('more short sentences at once than Flushes in a minute: the last Flush joins some, a fresh connection says the rest', async () => {
  const { clock, service, session, sent } = await scene({ chunks })
  const texts = Array.from({ length: 70 }, (_, index) => `Number ${index}.`)
  const recordings = texts.map((text) => say(session, text))
  await clock.runUntil(Promise.all(recordings.map((one) => one.ended)))
  const ends = kinds(recordings)
  expect(ends.slice(0, 18)).toEqual(Array.from({ length: 18 }, () => 'done'))
  expect(ends.slice(18)).toEqual(Array.from({ length: 52 }, () => 'joined'))
  expect(sent().filter((message) => message === 'Flush')).toHaveLength(19)
  expect(recordings.slice(19).every(({ chunks }) => chunks === 0)).toBe(true)
  expect(spokenBy(service).text).toBe(texts.join(' '))
  expect(heardOf(recordings).equals(spokenBy(service).audio)).toBe(true)
  expect(service.faults).toEqual([])

  const more = texts.map((text) => say(session, `${text} ${'And more of it. '.repeat(5)}`))
  await clock.runUntil(Promise.all(more.map((one) => one.ended)))
  expect(service.opened).toBeGreaterThan(1)
  expect(heardOf([...recordings, ...more]).equals(spokenBy(service).audio)).toBe(true)
  expect(service.faults).toEqual([])
})

test('a joined utterance that is cancelled before its audio is not heard, the others are said again', async () => {
  const { clock, service, session, sent } = await scene({ chunks })
  for (let i = 0; i < 18; i++) await clock.runUntil(say(session, `Number ${i}.`).ended)
  const all = ['One.', 'Two.', 'Three.'].map((text) => say(session, text))
  // They were sent under the last Flush of the minute.
  await clock.advance(100)
  expect(sent().slice(-4)).toEqual(['Speak:One. ', 'Speak:Two. ', 'Speak:Three. ', 'Flush'])
  all[1]?.input.cancel()
  await clock.runUntil(Promise.all(all.map((one) => one.ended)))
  expect(kinds(all)).toEqual(['done', 'cancelled', 'done'])
  const said = service.spoken.slice(-2)
  expect(said.map(({ text }) => text)).toEqual(['One.', 'Three.'])
  expect(heardOf(all).equals(Buffer.concat(said.map(({ audio }) => audio)))).toBe(true)
})

test('joined utterances whose end was not told say both', async () => {
  const { clock, service, session } = await scene({ chunks })
  for (let i = 0; i < 18; i++) await clock.runUntil(say(session, `Number ${i}.`).ended)
  service.behaviour.flushed = 'missing'
  const all = ['One is long enough.', 'Two is as well.'].map((text) => say(session, text))
  for (const one of all)
    expect(await clock.runUntil(one.ended)).toEqual({ kind: 'done', joined: true, unconfirmed: true })
})

test('a sentence of 6,000 characters goes out in parts over several connections, in order', async () => {
  const { clock, service, session, sent } = await scene({ chunks })
  const words = Array.from({ length: 1150 }, (_, index) => `w${index}`).join(' ')
  const heard = say(session, `${words}.`)
  expect(await clock.runUntil(heard.ended)).toEqual({ kind: 'done' })
  expect(spokenBy(service).text).toBe(`${words}.`)
  expect(heard.audio().equals(spokenBy(service).audio)).toBe(true)
  expect(Math.max(...sent().map((message) => message.length - 'Speak:'.length))).toBeLessThanOrEqual(2000)
  expect(service.opened).toBeGreaterThan(2)
  expect(service.connections).toBeLessThanOrEqual(2)
  expect(service.faults).toEqual([])
})

test('a session that is closed while a fresh connection waits leaves neither', async () => {
  const { clock, service, session } = await scene({ chunks })
  say(session, `${'And more of it, '.repeat(60)}end.`)
  say(session, `${'And more of it, '.repeat(60)}end.`)
  const third = say(session, `${'And more of it, '.repeat(60)}end.`)
  while (service.opened < 2) await clock.advance(50)
  expect(service.connections).toBe(2)
  await clock.runUntil(session.close())
  expect(third.ends).toEqual([{ kind: 'cancelled' }])
  for (let i = 0; service.connections > 0 && i < 100; i++) await clock.advance(10)
  expect(service.connections).toBe(0)
})

test('text waits for its turn where that is not heard, and costs no second connection', async () => {
  const { clock, service, session } = await scene({ chunks }, { bufferedMs: () => 100_000 })
  const sentence = `${'And more of it, '.repeat(50)}end.`
  const recordings = Array.from({ length: 6 }, () => say(session, sentence))
  await clock.runUntil(Promise.all(recordings.map((one) => one.ended)))
  expect(kinds(recordings)).toEqual(Array.from({ length: 6 }, () => 'done'))
  expect({ opened: service.opened, faults: service.faults }).toEqual({ opened: 1, faults: [] })
})

test('where no fresh connection can be had, the utterance fails as busy instead of a minute’s silence', async () => {
  let refused = 0
  const events = ({ type }: SpeechEvent) => void (refused += type === 'connection-error' ? 1 : 0)
  const { clock, service, session } = await scene({ chunks, concurrencyLimit: 1 }, { events })
  const sentence = `${'And more of it, '.repeat(60)}end.`
  const recordings = Array.from({ length: 3 }, () => say(session, sentence))
  const writer = record(session, [])
  await clock.runUntil(Promise.all(recordings.slice(0, 2).map((one) => one.ended)))
  for (let i = 0; i < 50; i++) {
    writer.input.push(' word')
    await clock.advance(100)
  }
  writer.input.cancel()
  await clock.runUntil(Promise.all(recordings.map((one) => one.ended)))
  // It is not asked for with every word.
  expect(refused).toBeLessThan(4)
  expect(recordings.map(({ ends: [end] }) => (end?.kind === 'failed' ? end.error.code : end?.kind))).toEqual([
    'done',
    'done',
    'speech.busy',
  ])
  await clock.advance(60_000)
  expect(await clock.runUntil(say(session, 'Later.').ended)).toEqual({ kind: 'done' })
  expect(service.faults).toEqual([])
})

test.each(['wire', 'typed'] as const)('a Flush that is ignored is asked again later (%s)', async (warningForm) => {
  const { clock, service, session, sent } = await scene(
    { warningForm, flushesPerMinute: 1, buffering: 'flush' },
    { bufferedMs: () => 100_000 },
  )
  expect(await clock.runUntil(say(session, 'One.').ended)).toEqual({ kind: 'done' })
  const second = say(session, 'Two.')
  expect(await clock.runUntil(second.ended)).toEqual({ kind: 'done' })
  expect(service.opened).toBe(1)
  expect(sent().filter((message) => message === 'Speak:Two. ')).toHaveLength(1)
  expect(sent().filter((message) => message === 'Flush').length).toBeGreaterThan(5)
  expect(second.audio().equals(Buffer.from(service.spoken.at(-1)?.audio ?? []))).toBe(true)
})

test('a Flush that is ignored for ever fails the utterance as busy', async () => {
  const { clock, session } = await scene({ flushesPerMinute: 0, buffering: 'flush' })
  const heard = say(session, 'One.')
  expect(await clock.runUntil(heard.ended)).toMatchObject({
    error: { code: 'speech.busy', message: /EXCESSIVE_FLUSH/ },
  })
})

test('a warning that nobody knows changes nothing', async () => {
  const { clock, service, session } = await scene(at('flush', { kind: 'warning', code: 'say this aloud' }))
  expect(await clock.runUntil(say(session, 'One.').ended)).toEqual({ kind: 'done' })
  expect(service.opened).toBe(1)
})
