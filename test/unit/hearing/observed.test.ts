import { expect, test } from 'vitest'
import { BridgeError } from '../../../src/errors.ts'
import { observeHearing } from '../../../src/hearing/observed.ts'
import type { Heard, Recognizer } from '../../../src/hearing/recognizer.ts'
import { createSteppedClock } from '../../../src/simulator/clock.ts'

const broken = new BridgeError('hearing.lost', 'The connection to the recognizer broke off.')

function observed() {
  const clock = createSteppedClock()
  const told: unknown[] = []
  const heard: Heard[] = []
  const life = new AbortController()
  const ready = Promise.withResolvers<void>()
  let tell: (event: Heard) => void = () => {}
  const recognizer: Recognizer = {
    name: 'hand',
    capabilities: { interim: true, voiceActivity: true, phrases: true },
    open(options) {
      tell = options.heard
      return { ready: ready.promise, audio() {}, close: async () => {} }
    },
  }
  const observer = {
    opened: (provider: string) => told.push(['opened', provider]),
    closed: (provider: string, listenedMs: number) => told.push(['closed', provider, listenedMs]),
    failed: (provider: string, code: string) => told.push(['failed', provider, code]),
  }
  const session = observeHearing(recognizer, observer, { clock }).open({
    signal: life.signal,
    heard: (event) => heard.push(event),
  })
  session.ready.catch(() => {})
  return { clock, told, heard, life, ready, session, tell: (event: Heard) => tell(event) }
}

test('a session is opened when it listens and closed once, however it is closed', async () => {
  const { clock, told, life, ready, session } = observed()
  expect(told).toEqual([])
  ready.resolve()
  await session.ready
  await clock.advance(4_000)
  await session.close()
  await session.close()
  life.abort()
  expect(told).toEqual([
    ['opened', 'hand'],
    ['closed', 'hand', 4_000],
  ])
})

test('the signal closes it too', async () => {
  const { clock, told, life, ready, session } = observed()
  ready.resolve()
  await session.ready
  await clock.advance(1_500)
  life.abort()
  expect(told.at(-1)).toEqual(['closed', 'hand', 1_500])
})

test('one that fails is told as failed and as closed, and what it tells goes through', async () => {
  const { clock, told, heard, ready, session, tell } = observed()
  ready.resolve()
  await session.ready
  await clock.advance(1_000)
  tell({ type: 'started' })
  tell({ type: 'failed', error: broken })
  await session.close()
  expect(told).toEqual([
    ['opened', 'hand'],
    ['failed', 'hand', 'hearing.lost'],
    ['closed', 'hand', 1_000],
  ])
  expect(heard).toEqual([{ type: 'started' }, { type: 'failed', error: broken }])
})

test('one that fails before it listened was never open', async () => {
  const { told, ready, session, tell } = observed()
  tell({ type: 'failed', error: broken })
  ready.reject(broken)
  await session.close()
  expect(told).toEqual([['failed', 'hand', 'hearing.lost']])
})

test('one that was closed before it listened is not told of', async () => {
  const { told, ready, session } = observed()
  await session.close()
  ready.resolve()
  await session.ready
  expect(told).toEqual([])
})
