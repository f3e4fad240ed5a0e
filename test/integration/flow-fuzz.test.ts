import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { shippedFlows } from '../../src/flows/flows.ts'
import { createRandom } from '../../src/simulator/random.ts'
import { testCall } from '../../src/simulator/test-call.ts'
import { heldAtRest } from '../left-behind.ts'

const realMs = 10_000
const atOnce = 12
/** Nobody stays longer at the phone. */
const mostActions = 25
const keys = '0123456789*#w'.split('')
const words = ['yes', 'the second one', 'Friday', 'operator', 'ähm', '1', 'polly wants a cracker and a biscuit']
const reasons = ['completed', 'callee-hung-up', 'idle']

/** A person who does anything at any time. The same seed does the same. */
async function playAtRandom(name: string, seed: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'callbridge-'))
  const random = createRandom(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] ?? expect.fail('nothing to pick')
  const flow = shippedFlows(folder, () => Date.UTC(2026, 0, 5, 12)).get(name)?.flow ?? expect.fail(name)
  const direction = pick(['inbound', 'outbound'] as const)
  const parameters = pick([{}, { message: 'A message. It has two sentences.', name: 'Ada', timeZone: 'UTC' }])
  const phone = await testCall(flow, { direction, parameters })
  const told = () => `${name}, seed ${seed}\n${phone.transcript}`
  try {
    for (let actions = 0; actions < mostActions && !phone.over; actions++) {
      const action = random()
      if (action < 0.5) phone.press(Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(keys)).join(''))
      else if (action < 0.6) phone.says(pick(words))
      else if (action > 0.97) phone.hangsUp()
      // Some act at once, some think for long.
      if (random() < 0.8) await phone.waits(random() ** 3 * 15_000)
    }
    if (!phone.over) phone.hangsUp()
    const { reason, error } = await phone.outcome
    expect(reasons, told()).toContain(reason)
    if (reason !== 'idle') expect(error, told()).toBe(null)
    expect(phone.faults, told()).toEqual([])
    expect(phone.transcript.match(/ (hangs up|is hung up)$/gm), told()).toHaveLength(1)
  } finally {
    await phone[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  }
}

test('random keys, words, silences and hang-ups against every shipped flow: one outcome each, and nothing left', async () => {
  const rejections: unknown[] = []
  const rejected = (thrown: unknown) => void rejections.push(thrown)
  process.on('unhandledRejection', rejected)
  onTestFinished(() => void process.off('unhandledRejection', rejected))
  const names = [...shippedFlows('', () => 0).keys()]
  await Promise.all(names.map((name) => playAtRandom(name, 0)))
  const before = await heldAtRest()
  const began = performance.now()
  let seed = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (performance.now() - began < realMs) {
        const next = ++seed
        await playAtRandom(names[next % names.length] ?? '', next)
      }
    }),
  )
  expect(seed).toBeGreaterThanOrEqual(names.length)
  expect(rejections).toEqual([])
  expect(await heldAtRest()).toEqual(before)
})
