import { expect, onTestFinished, test } from 'vitest'
import { fuzzCall, fuzzedFlows } from '../../scripts/fuzz-call.ts'
import { run } from '../command.ts'
import { heldAtRest } from '../left-behind.ts'

/** `FUZZ_SEED=123 npx vitest run --project all test/integration/flow-fuzz.test.ts` begins elsewhere. */
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 1)
/** As many calls as fit into a time that nobody minds: some hundred on a machine that has nothing else to do. */
const calls = { fewest: 30, most: 300 }
const realMs = 10_000
const atOnce = 8

test('random keys, words, silences and hang-ups against every shipped flow: one outcome each, and nothing left', async () => {
  const rejections: unknown[] = []
  const rejected = (thrown: unknown) => void rejections.push(thrown)
  process.on('unhandledRejection', rejected)
  onTestFinished(() => void process.off('unhandledRejection', rejected))
  await Promise.all(fuzzedFlows.map((name) => fuzzCall(name, 0)))
  const before = await heldAtRest()
  const began = performance.now()
  let played = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (played < calls.fewest || (played < calls.most && performance.now() - began < realMs)) {
        const seed = firstSeed + played++
        await fuzzCall(fuzzedFlows[seed % fuzzedFlows.length] ?? '', seed)
      }
    }),
  )
  expect(rejections).toEqual([])
  expect(await heldAtRest()).toEqual(before)
})

test('the same number makes the same call, to the tenth of a second; a call that goes wrong is told with it', async () => {
  const seeds = Array.from({ length: 12 }, (_, seed) => seed + 500)
  const play = () => Promise.all(seeds.map((seed) => fuzzCall(fuzzedFlows[seed % fuzzedFlows.length] ?? '', seed)))
  expect(await play()).toEqual(await play())
  await expect(fuzzCall('no-such-flow', 7)).rejects.toThrow('"no-such-flow"')
})

test('npm run fuzz plays as many calls as asked for, from the number given', async () => {
  const { code, stdout, stderr } = await run(['node', 'scripts/fuzz.ts', '--calls', '6', '--seed', '40'])
  expect(stdout).toBe('6 calls, seeds 40 to 45: 0 failed\n')
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const wrong = await run(['node', 'scripts/fuzz.ts', '--calls', 'many'])
  expect(wrong.code).toBe(2)
})
