import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { coresIn } from '../../../../scripts/bench/cores.ts'
import { conclusionOf, setUpInWords } from '../../../../scripts/bench/report.ts'
import { freePorts } from '../../../../scripts/bench/free-ports.ts'
import { startGenerator } from '../../../../scripts/bench/generator.ts'
import { readOptions } from '../../../../scripts/bench/options.ts'
import { brokenOff, emptyResult, figure, type Result } from '../../../../scripts/bench/result.ts'
import { runScenario } from '../../../../scripts/bench/scenarios/run.ts'
import { latencyLimit } from '../../../../scripts/bench/scenarios/speaking.ts'
import { nodeOptionsIn, startOptions } from '../../../../scripts/bench/start-script.ts'
import { noTroubles } from '../../../../scripts/bench/faults.ts'

test('the server is measured with the options that npm start gives to Node', () => {
  expect(nodeOptionsIn('node src/main.ts')).toEqual([])
  expect(nodeOptionsIn('node --max-semi-space-size=32 --no-opt src/main.ts')).toEqual([
    '--max-semi-space-size=32',
    '--no-opt',
  ])
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } }
  expect(['node', ...startOptions(), 'src/main.ts'].join(' ')).toBe(scripts.start)
})

test.each([
  'tsx src/main.ts',
  'node --import ./x.ts src/main.ts',
  'node src/main.ts --flow x',
  'node dist/main.js',
  '',
])('a start that is anything else is not measured as if it were: %s', (script) => {
  expect(() => nodeOptionsIn(script)).toThrow('expected the script start')
})

test('a list of cores is read as the kernel writes it', () => {
  expect(coresIn('0-2,5')).toEqual([0, 1, 2, 5])
  expect(coresIn('7')).toEqual([7])
  expect([coresIn(''), coresIn('all')]).toEqual([[], []])
})

test('the report says with which options of Node each ran, and on which cores', () => {
  const node = { server: ['--max-semi-space-size=32'], floor: [] }
  expect(setUpInWords({ machine: 'M', node, cores: null })).toBe(
    'M; server: node --max-semi-space-size=32, floor: node',
  )
  expect(setUpInWords({ machine: 'M', node, cores: { generator: 0, bridge: 1 } })).toContain(
    'generator on core 0, server and floor on core 1',
  )
})

test('the exit code is 0 only where no step lost anything, failed, or is void', () => {
  const good = emptyResult('speaking', '10 calls', 10)
  expect(conclusionOf([good])).toEqual({ words: '', exitCode: 0 })
  for (const trouble of Object.keys(noTroubles()))
    expect(conclusionOf([good, { ...good, troubles: { ...noTroubles(), [trouble]: 1 } }]), trouble).toEqual({
      words: '1 of 2 steps failed or are void.\n',
      exitCode: 1,
    })
  expect(conclusionOf([{ ...good, void: ['late'] }]).exitCode).toBe(1)
  expect(conclusionOf([brokenOff(good, new Error('gone'))]).exitCode).toBe(1)
  expect(brokenOff(good, new Error('gone')).failed).toEqual(['broke off: gone'])
})

test('a scenario that breaks off is told as failed, behind what it had told, and the run goes on', async () => {
  const generator = await startGenerator(200)
  onTestFinished(() => generator.close())
  const options = readOptions([])
  if (!options) throw new Error('no options')
  const results: Result[] = []
  const told = (result: Result) => void results.push(result)
  const breaking = () => {
    told(emptyResult('keys', '10 calls', 10))
    return Promise.reject(new Error('the floor ended by itself'))
  }
  await runScenario('keys', breaking, { generator, options, told })
  expect(results.map(({ scenario, failed }) => [scenario, failed])).toEqual([
    ['keys', []],
    ['keys', ['broke off: the floor ended by itself']],
  ])
  expect(conclusionOf(results).exitCode).toBe(1)
})

test('a step that broke off is not told as one that was not late', () => {
  const fast = {
    ...emptyResult('speaking', '10 calls', 10),
    figures: [figure('delay p99', 'ms', { server: 1, floor: 1 })],
  }
  const { failed, figures } = latencyLimit('speaking', [
    fast,
    brokenOff(emptyResult('speaking', '50 calls', 50), new Error('gone')),
  ])
  expect(figures).toMatchObject([{ server: null, floor: null }])
  expect(failed).toEqual(['50 calls: broke off: gone'])
})

test('ports that are taken together are not the same', async () => {
  const count = 400
  expect(new Set(await freePorts(count)).size).toBe(count)
})
