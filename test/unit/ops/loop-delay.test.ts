import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { measureLoopDelay } from '../../../src/ops/loop-delay.ts'

test('a loop that is kept busy is late, and the lateness is seen', async () => {
  const delay = measureLoopDelay(4)
  expect(delay.meanMs).toBe(0)
  for (let round = 0; round < 6; round++) {
    const until = performance.now() + 200
    while (performance.now() < until);
    await sleep(1)
    // The first moments of a process are always busy.
    if (round < 2) expect(delay.meanMs).toBe(0)
  }
  expect(delay.meanMs).toBeGreaterThan(50)
  delay.stop()
})
