import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Result } from '../../scripts/bench/result.ts'
import { checkout, run } from '../command.ts'

test('the benchmark measures server and floor, and not one bit is lost', { timeout: 60_000 }, async () => {
  const folder = checkout()
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const words = '--quick --only duplex --calls 3 --seconds 1 --json results/bench.json'.split(' ')
  const { code, stdout, stderr } = await run(['node', 'scripts/bench.ts', ...words], {}, '', folder)
  expect(stderr).toBe('')
  const report = JSON.parse(readFileSync(join(folder, 'results/bench.json'), 'utf8')) as {
    date: string
    machine: string
    node: { server: string[]; floor: string[] }
    results: Result[]
  }
  expect(report.machine).toContain('Node v')
  expect(report.node.floor).toEqual([])
  expect(stdout).toContain(`server: ${['node', ...report.node.server].join(' ')}, floor: node;`)
  expect(Number.isNaN(Date.parse(report.date))).toBe(false)
  expect(report.results).toHaveLength(1)
  const [result] = report.results
  expect(result).toMatchObject({ scenario: 'speaking and listening', calls: 3, failed: [] })
  expect(Object.values(result?.troubles ?? { none: 1 }).filter((count) => count !== 0)).toEqual([])
  // A machine that is busy makes a run void, and its delays mean nothing.
  expect([code, stdout.includes('VOID')]).toEqual(result?.void.length === 0 ? [0, false] : [1, true])

  const figure = (name: string) => result?.figures.find((one) => one.name === name)
  const shares = ['CPU per call', 'CPU per call, user', 'CPU per call, system']
  const delays = ['delay p50', 'delay p99', 'delay p99.9', 'delay to the recognizer p99']
  for (const name of [...delays, ...shares, 'allocated per call', 'calls set up']) {
    const { server, floor, ratio } = figure(name) ?? {}
    for (const value of [server, floor, ratio]) expect(value, name).toBeGreaterThan(0)
    expect(stdout).toContain(name)
  }
  for (const side of ['server', 'floor'] as const) {
    const [all = 0, user = 0, system = 0] = shares.map((name) => figure(name)?.[side] ?? 0)
    expect(user + system, side).toBeCloseTo(all, 1)
  }
  for (const name of ['memory per call, resident', 'paused for garbage', 'event loop late p99'])
    expect(figure(name), name).toMatchObject({
      server: expect.any(Number) as number,
      floor: expect.any(Number) as number,
    })
})

/** Puts something else into a file of a copy. */
function alter(file: string, from: string, to: string): void {
  const code = readFileSync(file, 'utf8')
  expect(code).toContain(from)
  writeFileSync(file, code.replace(from, to))
}

test('a bridge that loses frames and a generator that is held up make it fail', { timeout: 60_000 }, async () => {
  const folder = checkout()
  onTestFinished(() => rmSync(folder, { recursive: true }))
  rmSync(join(folder, 'scripts'))
  cpSync('scripts', join(folder, 'scripts'), { recursive: true })
  alter(join(folder, 'scripts/bench/floor.ts'), "message.audio !== ''", "message.audio !== '' && Math.random() < 0.9")
  alter(
    join(folder, 'scripts/bench/generator.ts'),
    'let late = createSamples()',
    `setInterval(() => {
      const endMs = performance.now() + 40
      while (performance.now() < endMs);
    }, 100).unref()
    let late = createSamples()`,
  )
  const words = '--quick --only ramp --calls 2 --seconds 1 --json results/bench.json'.split(' ')
  const { code, stdout, stderr } = await run(['node', 'scripts/bench.ts', ...words], {}, '', folder)
  expect([code, stderr]).toEqual([1, ''])
  expect(stdout).toMatch(/FAILED: not bit-exact: \d+ lost/)
  expect(stdout).toMatch(/VOID: the generator sent .* late at p99/)
  expect(stdout).toContain('1 of 1 steps failed or are void.')
})

test('cores are kept to where that can be done, and elsewhere it is said what it takes', async () => {
  const words = ['scripts/bench.ts', '--quick', '--only', 'ramp', '--pin']
  const { code, stdout, stderr } = await run([process.execPath, ...words], { PATH: '/nowhere' })
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('--pin: expected')
})
