import { expect, test } from 'vitest'
import { createSteppedClock } from '../../../src/simulator/clock.ts'
import { findLostCall, reconcileWaitsMs, type LostCreate } from '../../../src/twilio/reconcile.ts'
import type { CallRecord } from '../../../src/twilio/rest-client.ts'

const to = '+15550123'
const from = '+15550100'

function sid(n: number): string {
  return `CA${String(n).padStart(32, '0')}`
}

function call(n: number, createdAtMs: number | undefined, more: Partial<CallRecord> = {}): CallRecord {
  return {
    callSid: sid(n),
    status: 'ringing',
    to,
    from,
    createdAtMs,
    answeredBy: undefined,
    durationS: undefined,
    ...more,
  }
}

/** Plays one search; `list` is asked with the number of the look, from 1, and the clock's time. */
async function search(
  list: (look: number, nowMs: number) => { calls: CallRecord[]; nowMs?: number },
  lost: Partial<LostCreate> = {},
  lostForMs = 10_000,
) {
  const clock = createSteppedClock()
  const sentAtMs = clock.now()
  await clock.advance(lostForMs)
  const begunAtMs = clock.now()
  const looks: number[] = []
  const result = await clock.runUntil(
    findLostCall(
      { to, from, sentAtMs, isKnown: () => false, earlyCallSid: () => undefined, ...lost },
      {
        clock,
        newest: async () => {
          looks.push(clock.now() - begunAtMs)
          const { calls, nowMs } = list(looks.length, clock.now())
          return { calls, nowMs }
        },
      },
    ),
  )
  return { result, looks }
}

test('the list is read again and again, with growing waits, for 6 s', async () => {
  const { result, looks } = await search(() => ({ calls: [] }))
  expect(result).toEqual({ kind: 'not-found', looks: 5, failedLooks: 0 })
  expect(looks).toEqual([250, 750, 1750, 3500, 6000])
  expect(reconcileWaitsMs).toEqual([...reconcileWaitsMs].toSorted((a, b) => a - b))
})

test('a call that shows late is found', async () => {
  const { result, looks } = await search((look, nowMs) => ({ calls: look < 4 ? [] : [call(1, nowMs - 12_000)] }))
  expect(result).toMatchObject({ kind: 'found', call: { callSid: sid(1) }, others: [] })
  expect(looks).toHaveLength(4)
})

test('calls from before the request, calls that are known and calls of others are not taken for it', async () => {
  const { result } = await search(
    (_, nowMs) => ({
      calls: [
        call(1, nowMs - 60_000),
        call(2, nowMs),
        call(3, nowMs, { to: '+15550199' }),
        call(4, nowMs, { from: '+15550199' }),
        call(5, undefined),
        call(6, undefined, { status: 'completed' }),
      ],
    }),
    { isKnown: (callSid) => callSid === sid(2) },
  )
  expect(result.kind).toBe('not-found')
})

test('a queued call that has no date yet is taken for it', async () => {
  const { result } = await search(() => ({ calls: [call(1, undefined, { status: 'queued' })] }))
  expect(result).toMatchObject({ kind: 'found', call: { callSid: sid(1) } })
})

test('a call is dated by whole seconds, so it may seem to be older than its request', async () => {
  let sentAtMs = 0
  const listed = (_: number, nowMs: number) => {
    if (sentAtMs === 0) sentAtMs = nowMs - 10_250
    return { calls: [call(1, sentAtMs - 999)] }
  }
  expect((await search(listed)).looks).toHaveLength(1)
})

test("with a clock that is wrong, Twilio's own time counts", async () => {
  const hour = 3_600_000
  const ahead = await search((_, nowMs) => ({ calls: [call(1, nowMs - hour - 5_000)], nowMs: nowMs - hour }))
  expect(ahead.result).toMatchObject({ kind: 'found', call: { callSid: sid(1) } })
  const behind = await search((_, nowMs) => ({ calls: [call(1, nowMs + hour - 60_000)], nowMs: nowMs + hour }))
  expect(behind.result.kind).toBe('not-found')
})

test('of two the newest is taken and the others are told', async () => {
  const { result } = await search((_, nowMs) => ({
    calls: [call(1, nowMs - 4000), call(2, nowMs - 1000), call(3, nowMs - 3000)],
  }))
  expect(result).toMatchObject({
    kind: 'found',
    call: { callSid: sid(2) },
    others: [{ callSid: sid(3) }, { callSid: sid(1) }],
  })
})

test('a number that is listed in another form is the same number', async () => {
  const { result } = await search((_, nowMs) => ({ calls: [call(1, nowMs, { to: '+1 (555) 0123' })] }))
  expect(result.kind).toBe('found')
  const sip = await search((_, nowMs) => ({ calls: [call(1, nowMs, { to: 'sip:1@b' })] }), { to: 'sip:1@a' })
  expect(sip.result.kind).toBe('not-found')
})

test('a status callback that came meanwhile ends the search', async () => {
  let asked = 0
  const { result, looks } = await search(() => ({ calls: [] }), {
    earlyCallSid: () => (++asked < 3 ? undefined : sid(7)),
  })
  expect(result).toEqual({ kind: 'told', callSid: sid(7) })
  expect(looks).toHaveLength(2)
  const last = await search(() => ({ calls: [] }), { earlyCallSid: lastMoment() })
  expect(last.result).toEqual({ kind: 'told', callSid: sid(8) })
})

function lastMoment(): () => string | undefined {
  let asked = 0
  return () => (++asked <= reconcileWaitsMs.length ? undefined : sid(8))
}

test('a list that cannot be read is tried again, and told apart from an empty one', async () => {
  const once = await search((look, nowMs) => {
    if (look < 3) throw new Error('no')
    return { calls: [call(1, nowMs)] }
  })
  expect(once.result.kind).toBe('found')
  const never = await search(() => {
    throw new Error('no')
  })
  expect(never.result).toEqual({ kind: 'not-found', looks: 5, failedLooks: 5 })
})
