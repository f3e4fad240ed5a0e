import { describe, expect, test } from 'vitest'
import { run } from '../command.ts'
import type { Findings } from '../programs/traffic.ts'

const minutes = 30

describe('half an hour of traffic with faults', () => {
  // Once, for all of these tests: a process of its own, so that what it holds is what the traffic left.
  let running: ReturnType<typeof run> | undefined
  const findings = async (): Promise<Findings> => {
    running ??= run(['node', 'test/programs/traffic.ts', String(minutes)])
    const { code, stdout, stderr } = await running
    expect([code, stderr]).toEqual([0, ''])
    return JSON.parse(stdout) as Findings
  }

  test('every call has one outcome', { timeout: 180_000 }, async () => {
    const found = await findings()
    expect([found.dialled, found.simulatedMs]).toEqual([minutes * 4, (minutes + 3) * 60_000])
    // One more call was made at the end.
    expect([found.records, found.withOutcome, found.endedInMetrics]).toEqual([121, 121, 121])
    expect(found.outcomes).toEqual([1])
    expect(found.seen).toBeGreaterThan(90)
    expect(found.ends).toEqual([1])
    // The faults were met, and many calls were none of them.
    for (const reason of ['completed', 'callee-hung-up', 'busy', 'no-answer', 'stream-lost', 'said-by-twilio'])
      expect(found.reasons).toContain(reason)
    expect(found.refused).toBe(found.dialled)
  })

  test('no call, session, socket, timer, listener or place is left while the server goes on', async () => {
    const { standing, listenersOfServer, eventStreams } = await findings()
    expect(standing).toEqual({
      calls: 0,
      callsInMetrics: 0,
      atTwilio: 0,
      speechSessions: 0,
      mediaSockets: 0,
      timers: 0,
      connections: 0,
      signalListeners: 0,
      callsReached: 0,
      socketsReached: 0,
    })
    expect(listenersOfServer.after).toEqual(listenersOfServer.before)
    expect(eventStreams).toEqual([200, 200, 200])
  })

  test('no descriptor, handle or listener of the process is left after the server is closed', async () => {
    const { before, after, clock, warnings } = await findings()
    // There is no /proc everywhere.
    if (process.platform === 'linux') expect(Object.keys(before.descriptors).length).toBeGreaterThan(2)
    expect(after).toEqual(before)
    expect(clock).toEqual({ timers: 0, probes: 0 })
    expect(warnings).toEqual([])
  })
})
