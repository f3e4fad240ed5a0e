import { expect, test } from 'vitest'
import { run } from '../command.ts'

test('the measurement tells four kinds, each with the delays that the service was given', {
  timeout: 60_000,
}, async () => {
  const { code, stdout } = await run(['node', 'scripts/measure-speech.ts', '--calls', '2', '--json'])
  expect(code).toBe(0)
  const { firstAudio } = JSON.parse(stdout) as { firstAudio: { kind: string; calls: number; medianMs: number }[] }
  const [cold, warm, rendered, cached] = firstAudio
  expect(firstAudio.map(({ calls }) => calls)).toEqual([2, 2, 2, 2])
  // No sooner than the emulated service can.
  expect(cold?.medianMs).toBeGreaterThan(295)
  expect(warm?.medianMs).toBeGreaterThan(195)
  expect(rendered?.medianMs).toBeGreaterThanOrEqual(0)
  expect(cached?.medianMs).toBeGreaterThanOrEqual(0)
})

test('wrong words are refused before anything is measured', async () => {
  for (const words of [['x'], ['--calls', '0'], ['--calls', 'x'], ['--call', '1']]) {
    const { code, stdout, stderr } = await run(['node', 'scripts/measure-speech.ts', ...words])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/xpected|Unknown option/)
  }
})
