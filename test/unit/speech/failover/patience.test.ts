import { describe, expect, test } from 'vitest'
import { patience } from '../../../../src/speech/failover/patience.ts'

describe('how long a silent provider is waited for', () => {
  test('a first word may take as long as the setting says, and the next provider is warmed at half of it', () => {
    expect(patience({ sinceMs: 1000, fromSilence: true, bufferedMs: 0 }, 1200, 1500)).toEqual({
      warmAtMs: 1750,
      leaveAtMs: 2500,
    })
  })

  test('while sound waits at Twilio nothing is hurried: it is left 800 ms before the callee would hear it', () => {
    const wait = { sinceMs: 0, fromSilence: false, bufferedMs: 10_000 }
    expect(patience(wait, 0, 1500)).toEqual({ warmAtMs: 8500, leaveAtMs: 9200 })
    // The sound is played while time passes, so that the moment stays where it is.
    expect(patience({ ...wait, bufferedMs: 7000 }, 3000, 1500).leaveAtMs).toBe(9200)
  })

  test('with nothing left to play half a second of silence is waited for, and no more', () => {
    expect(patience({ sinceMs: 5000, fromSilence: false, bufferedMs: 0 }, 5000, 1500)).toEqual({
      warmAtMs: 5250,
      leaveAtMs: 5500,
    })
  })
})
