import { describe, expect, test } from 'vitest'
import { type CallHappening, createTimeline } from '../../../src/call/events.ts'
import { limitCall } from '../../../src/call/limits.ts'
import { createSteppedClock } from '../../../src/simulator/clock.ts'

function limited(limits: { maxCallMs?: number; idleMs?: number } = {}) {
  const clock = createSteppedClock()
  const timeline = createTimeline(() => clock.now())
  const controller = new AbortController()
  const ends: { reason: string; code: string | undefined; atMs: number }[] = []
  const startMs = clock.now()
  const call = {
    watch: (listener: Parameters<typeof timeline.watch>[0]) => timeline.watch(listener),
    signal: controller.signal,
    end: (reason: string, error?: { code: string }) => {
      ends.push({ reason, code: error?.code, atMs: clock.now() - startMs })
      controller.abort()
    },
  }
  limitCall(call, { maxCallMs: 3_600_000, idleMs: 60_000, ...limits }, clock)
  return { clock, ends, controller, report: (happening: CallHappening) => timeline.report(happening) }
}

describe('limits of a call', () => {
  test('the length counts from the answer, however long it rang', async () => {
    const { clock, ends, report } = limited({ maxCallMs: 10_000 })
    await clock.advance(50_000)
    report({ type: 'answered' })
    await clock.advance(9_999)
    expect(ends).toEqual([])
    await clock.advance(1)
    expect(ends).toEqual([{ reason: 'time-limit', code: 'call.too-long', atMs: 60_000 }])
  })

  test('marks that come back, keys and words put idleness off; queueing and ringing are not idle', async () => {
    const { clock, ends, report } = limited({ idleMs: 10_000 })
    report({ type: 'ringing' })
    await clock.advance(100_000)
    report({ type: 'streaming' })
    await clock.advance(9_000)
    report({ type: 'progress', heardMs: 1, sentMs: 2, complete: false })
    await clock.advance(9_000)
    report({ type: 'key', digit: '1' })
    await clock.advance(9_000)
    report({ type: 'speech' })
    await clock.advance(9_999)
    expect(ends).toEqual([])
    await clock.advance(1)
    expect(ends).toEqual([{ reason: 'idle', code: 'call.idle', atMs: 137_000 }])
  })

  test('after the end no timer is left', async () => {
    const { clock, ends, report, controller } = limited()
    report({ type: 'answered' })
    report({ type: 'streaming' })
    controller.abort()
    report({ type: 'key', digit: '1' })
    await clock.advance(10_000_000)
    expect(ends).toEqual([])
  })
})
