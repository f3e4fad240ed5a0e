import { expect, test } from 'vitest'
import { createSteppedClock, type SteppedClock } from '../../../src/simulator/clock.ts'
import { startHeartbeat } from '../../../src/wire/heartbeat.ts'

function listen(clock: SteppedClock, answers: boolean) {
  const began = clock.now()
  const pings: number[] = []
  const keepalives: number[] = []
  const deaths: number[] = []
  let came = false
  const receive = () => {
    came = true
  }
  const heartbeat = startHeartbeat(clock, {
    ping() {
      pings.push(clock.now() - began)
      if (answers) receive()
    },
    heard() {
      const was = came
      came = false
      return was
    },
    dead() {
      deaths.push(clock.now() - began)
      heartbeat.stop()
    },
    keepaliveMs: 15_000,
    keepWarm() {
      keepalives.push(clock.now() - began)
      heartbeat.sent()
    },
  })
  return { heartbeat, receive, pings, keepalives, deaths }
}

test('a keepalive is due when nothing was sent for the time that the service allows, and a ping every 5 s', async () => {
  const clock = createSteppedClock()
  const { heartbeat, pings, keepalives, deaths } = listen(clock, true)
  await clock.advance(12_000)
  heartbeat.sent()
  await clock.advance(48_000)
  expect(keepalives).toEqual([27_000, 42_000, 57_000])
  expect(pings).toEqual(Array.from({ length: 12 }, (_, index) => (index + 1) * 5000))
  expect(deaths).toEqual([])
})

test('a peer that answers nothing for 10 s is dead', async () => {
  const clock = createSteppedClock()
  const { deaths, keepalives } = listen(clock, false)
  await clock.advance(60_000)
  expect(deaths).toEqual([10_000])
  expect(keepalives).toEqual([])
})

test('anything that comes shows that the peer lives', async () => {
  const clock = createSteppedClock()
  const { receive, deaths } = listen(clock, false)
  for (let i = 0; i < 9; i++) {
    await clock.advance(4000)
    receive()
  }
  expect(deaths).toEqual([])
  await clock.advance(14_000)
  expect(deaths).toHaveLength(1)
})

test('a process that stood still asks once more before it calls the peer dead', () => {
  let now = 0
  const timers: { at: number; fire: () => void }[] = []
  const clock = {
    now: () => now,
    after: (ms: number, fire: () => void) => {
      timers.push({ at: now + ms, fire })
      return { cancel: () => {} }
    },
  }
  let deaths = 0
  let pings = 0
  const keepalive = { keepaliveMs: 15_000, keepWarm: () => {} }
  startHeartbeat(clock, { ping: () => pings++, heard: () => false, dead: () => deaths++, ...keepalive })
  const next = () =>
    timers.splice(
      timers.findIndex((timer) => timer.at % 15_000 !== 0 || timer.at < 15_000),
      1,
    )[0]
  now = 60_000
  next()?.fire()
  expect({ deaths, pings }).toEqual({ deaths: 0, pings: 1 })
})

test('a stopped heartbeat leaves no timer', async () => {
  const clock = createSteppedClock()
  const { heartbeat, pings, keepalives } = listen(clock, true)
  await clock.advance(5000)
  heartbeat.stop()
  await clock.advance(60_000)
  expect({ pings: pings.length, keepalives: keepalives.length }).toEqual({ pings: 1, keepalives: 0 })
})

test('a service that wants no messages is sent pings only', async () => {
  const clock = createSteppedClock()
  let pings = 0
  const heartbeat = startHeartbeat(clock, {
    dead: () => {},
    heard: () => true,
    ping: () => pings++,
  })
  await clock.advance(60_000)
  expect(pings).toBe(12)
  heartbeat.stop()
  await clock.advance(60_000)
  expect(pings).toBe(12)
})
