import { describe, expect, test } from 'vitest'
import { createAlerts } from '../../../src/alerts/alerts.ts'
import { BridgeError } from '../../../src/errors.ts'
import { createLogger } from '../../../src/ops/logger.ts'
import { createSteppedClock } from '../../../src/simulator/clock.ts'

/** Alerts of which no call comes about: they wait for ever where `waits` says so, or are over at once. */
function stage(atOnce: number) {
  const clock = createSteppedClock()
  const alerts = createAlerts({
    clock,
    log: createLogger('silent'),
    whyNot: () => undefined,
    atOnce,
    place({ message }) {
      if (message === 'waits')
        throw new BridgeError('limit.calls-per-minute', '', { details: { retryAfterMs: 60_000 } })
      throw new BridgeError('number.invalid', '')
    },
  })
  return { alerts, begin: (message: string) => alerts.begin({ to: ['+15551230001'], message }).alert }
}

describe('the alerts of a process', () => {
  test('are no more at once than there may be calls, also while they wait', () => {
    const { alerts, begin } = stage(2)
    begin('waits')
    begin('waits')
    expect(() => begin('waits')).toThrow(expect.objectContaining({ code: 'limit.calls-at-once', retryable: true }))
    alerts.placeNoMore()
  })

  test('are forgotten, the oldest first, when a thousand are kept; one that goes on is not', async () => {
    const { alerts, begin } = stage(2)
    const first = begin('waits')
    const second = begin('is over')
    await second.over
    for (let more = 0; more < 998; more++) await begin('is over').over
    expect(alerts.find(second.view.alertId)).toBe(second)
    const last = begin('is over')
    expect(alerts.find(first.view.alertId)).toBe(first)
    expect(alerts.find(second.view.alertId)).toBeUndefined()
    expect(alerts.find(last.view.alertId)).toBe(last)
    alerts.placeNoMore()
    expect((await first.over).state).toBe('stopped')
  })
})
