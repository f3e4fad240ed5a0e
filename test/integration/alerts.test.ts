import { describe, expect, test } from 'vitest'
import type { AlertOrder } from '../../src/alerts/alert.ts'
import type { PhoneScript } from '../../src/simulator/phone-network/phone/script.ts'
import { rememberSpoken, startWorld, type World, type WorldOptions } from '../world.ts'

const message = 'The cellar is under water.'
const list = ['+15551230001', '+15551230002', '+15551230003']
const acknowledges: PhoneScript = { steps: [{ afterAnswerMs: 3_000, press: '1' }] }

/** The phones of the list, in its order. */
function phones(world: World, scripts: readonly PhoneScript[]) {
  return scripts.map((script, place) => world.network.phone(list[place] ?? '', script))
}

async function alerted(scripts: readonly PhoneScript[], order: Partial<AlertOrder> = {}, options: WorldOptions = {}) {
  await using world = await startWorld(options)
  rememberSpoken(message)
  phones(world, scripts)
  const alert = world.app.alert({ to: list, flow: 'alert', message, ...order })
  const view = await world.until(alert.over)
  expect(world.app.calls()).toEqual([])
  expect(world.network.faults).toEqual([])
  return {
    view,
    became: view.people.map(({ tries }) => tries.map((one) => one.became).join()),
    rung: world.network.calls.map((call) => call.to),
  }
}

describe('an alert goes down a list', () => {
  test('nobody answers, the second is a mailbox, the third acknowledges, and the fourth is never rung', async () => {
    const { view, became, rung } = await alerted(
      [
        { answer: 'no-answer' },
        { answer: { voicemail: { afterMs: 500, greetingMs: 3_000 } } },
        { steps: [{ afterAnswerMs: 8_000, press: '1' }] },
      ],
      { to: [...list, '+15551230004'], voicemail: 'There is an alert.' },
    )
    expect(became).toEqual(['no-answer', 'voicemail', 'acknowledged', ''])
    expect(view).toMatchObject({ state: 'acknowledged', acknowledgedBy: 2 })
    expect(rung).toEqual(list)
    expect(view.endedAt).not.toBeNull()
  })

  test('one call at a time: the next phone rings when the last call is over', async () => {
    await using world = await startWorld()
    phones(world, [{ hangUp: { afterAnswerMs: 2_000 } }, acknowledges])
    let most = 0
    const alert = world.app.alert({ to: list, flow: 'alert', message }, (call) => {
      most = Math.max(most, world.app.calls().length)
      expect(world.app.calls()).toContain(call)
    })
    const { people } = await world.until(alert.over)
    expect(people.map(({ tries }) => tries[0]?.became)).toEqual(['not-acknowledged', 'acknowledged', undefined])
    expect(most).toBe(1)
  })

  test('busy, a number that cannot be reached, and one who passes it on: the list goes on', async () => {
    const passes = { steps: [{ afterAnswerMs: 3_000, press: '2' }] }
    const { view, became, rung } = await alerted([{ answer: 'busy' }, { answer: 'failed' }, passes])
    expect(became).toEqual(['busy', 'failed', 'not-acknowledged'])
    expect(view).toMatchObject({ state: 'in-vain', acknowledgedBy: null })
    expect(rung).toEqual(list)
  })

  test('a number that is not called, and one that is none, do not stop the list: they are told, and not tried again', async () => {
    const to = ['+445555', 'the boss', '+4930901820', list[0] ?? '']
    const { view, became, rung } = await alerted([{ answer: 'busy' }], { to, rounds: 2 })
    expect(became).toEqual(['refused', 'refused', 'refused', 'busy,busy'])
    expect(view.people.map(({ tries }) => tries[0]?.error?.code)).toEqual([
      'destination.short-number',
      'number.invalid',
      'destination.country',
      undefined,
    ])
    expect(rung).toEqual([list[0], list[0]])
  })

  test('the key that acknowledges comes while the alert is being repeated', async () => {
    // The alert takes 10 s, the wait for a key 5 s; then it is said again.
    const { view, became } = await alerted([{ steps: [{ afterAnswerMs: 18_000, press: '1' }] }])
    expect(became).toEqual(['acknowledged', '', ''])
    expect(view.acknowledgedBy).toBe(0)
  })

  test('a key that means nothing first, and the right one while the alert is said again', async () => {
    const steps = [
      { afterAnswerMs: 3_000, press: '7' },
      { afterAnswerMs: 5_000, press: '1' },
    ]
    expect((await alerted([{ steps }])).became).toEqual(['acknowledged', '', ''])
  })

  test('who hangs up on the thanks has acknowledged all the same', async () => {
    const script = { ...acknowledges, hangUp: { afterAnswerMs: 3_100 } }
    expect((await alerted([script])).view.state).toBe('acknowledged')
  })

  test('all in vain: everybody is called as often as there are rounds, and no oftener', async () => {
    const { view, became, rung } = await alerted(
      [{ answer: 'no-answer' }, { answer: 'busy' }, { hangUp: { afterAnswerMs: 1_000 } }],
      { rounds: 2 },
    )
    expect(became).toEqual(['no-answer,no-answer', 'busy,busy', 'not-acknowledged,not-acknowledged'])
    expect(view.state).toBe('in-vain')
    expect(rung).toEqual([...list, ...list])
  })

  test('who was not reached in the first round may acknowledge in the second', async () => {
    await using world = await startWorld()
    const [first] = phones(world, [{ answer: 'busy' }, { answer: 'busy' }])
    const alert = world.app.alert({ to: list.slice(0, 2), flow: 'alert', message, rounds: 3 }, (_call, to) => {
      if (to === list[1]) world.network.phone(list[0] ?? '', acknowledges)
    })
    const view = await world.until(alert.over)
    expect(first).toBeDefined()
    expect(view).toMatchObject({ state: 'acknowledged', acknowledgedBy: 0 })
    expect(view.people.map(({ tries }) => tries.length)).toEqual([2, 1])
  })

  test('a mailbox without a text for it is hung up on as soon as it is known, and the list goes on', async () => {
    const { became } = await alerted(
      [{ answer: { voicemail: { afterMs: 500, greetingMs: 20_000 } } }, acknowledges],
      {},
      { settings: { MACHINE_DETECTION: 'on' } },
    )
    expect(became).toEqual(['voicemail', 'acknowledged', ''])
  })
})

describe('limits and ends', () => {
  test('calls per minute are waited for, and the list is not shortened by them', async () => {
    const { became, rung } = await alerted(
      [{ answer: 'busy' }, { answer: 'busy' }, acknowledges],
      {},
      { settings: { CALLS_PER_MINUTE: '1' } },
    )
    expect(became).toEqual(['busy', 'busy', 'acknowledged'])
    expect(rung).toEqual(list)
  })

  test('calls per number are not waited for', async () => {
    const { view, became } = await alerted(
      [{ answer: 'busy' }, { answer: 'busy' }, { answer: 'busy' }],
      { rounds: 2 },
      { settings: { CALLS_PER_NUMBER_PER_HOUR: '1' } },
    )
    expect(became).toEqual(['busy,refused', 'busy,refused', 'busy,refused'])
    expect(view.people[0]?.tries[1]?.error?.code).toBe('limit.calls-per-number')
  })

  test('cancelled: the call under way is hung up, and nobody else is called', async () => {
    await using world = await startWorld()
    phones(world, [{ answer: { afterMs: 60_000 } }])
    const alert = world.app.alert({ to: list, flow: 'alert', message }, (call) => {
      call.watch(({ type }) => {
        if (type === 'ringing') alert.cancel()
      })
    })
    const view = await world.until(alert.over)
    expect(view.state).toBe('stopped')
    expect(view.people.map(({ tries }) => tries.map(({ became }) => became))).toEqual([['cancelled'], [], []])
    expect(world.network.calls.map((call) => [call.to, call.status])).toEqual([[list[0], 'canceled']])
    alert.cancel()
  })

  test('a server that drains finishes the call under way, which may still be acknowledged, and calls nobody else', async () => {
    for (const [script, state] of [
      [acknowledges, 'acknowledged'],
      [{ hangUp: { afterAnswerMs: 3_000 } }, 'stopped'],
    ] as const) {
      await using world = await startWorld({ settings: { DRAIN_TIMEOUT_MS: '60000' } })
      phones(world, [script])
      const drained = Promise.withResolvers<void>()
      const alert = world.app.alert({ to: list, flow: 'alert', message }, () => {
        world.app.drain().then(drained.resolve, drained.reject)
      })
      await world.until(drained.promise)
      expect((await world.until(alert.over)).state).toBe(state)
      expect(world.network.calls).toHaveLength(1)
    }
  })

  test('a server that drains while a limit is waited for calls nobody else', async () => {
    await using world = await startWorld({ settings: { CALLS_PER_MINUTE: '1' } })
    phones(world, [{ answer: 'busy' }])
    const alert = world.app.alert({ to: list, flow: 'alert', message })
    const firstOver = Promise.withResolvers<void>()
    void world.app.calls()[0]?.outcome.then(() => firstOver.resolve())
    await world.until(firstOver.promise)
    await world.clock.advance(1_000)
    expect(alert.view.state).toBe('calling')
    const beforeMs = world.clock.now()
    await world.until(world.app.drain())
    expect((await world.until(alert.over)).state).toBe('stopped')
    expect(world.clock.now() - beforeMs).toBeLessThan(1_000)
    expect(world.network.calls).toHaveLength(1)
  })

  test('where no number can be called, or nothing can be said, nobody is, and the reason is thrown', async () => {
    await using world = await startWorld()
    const order = { to: ['+4930901820', '112'], flow: 'alert', message }
    expect(() => world.app.alert(order)).toThrow(expect.objectContaining({ code: 'destination.country' }))
    expect(() => world.app.alert({ ...order, to: [] })).toThrow(expect.objectContaining({ code: 'request.invalid' }))
    expect(() => world.app.alert({ ...order, to: list, message: ' ' })).toThrow(
      expect.objectContaining({ code: 'text.empty' }),
    )
    expect(() => world.app.alert({ ...order, to: list, flow: 'alarm' })).toThrow(
      expect.objectContaining({ code: 'flow.unknown' }),
    )
    expect(world.network.calls).toEqual([])
  })

  test('no more alerts at once than calls', async () => {
    await using world = await startWorld({ settings: { MAX_CALLS: '1', CALLS_PER_MINUTE: '1' } })
    phones(world, [{ answer: 'busy' }])
    const order = { to: list, flow: 'alert', message }
    const first = world.app.alert(order)
    expect(() => world.app.alert(order)).toThrow(expect.objectContaining({ code: 'limit.calls-at-once' }))
    first.cancel()
    await world.until(first.over)
  })
})
