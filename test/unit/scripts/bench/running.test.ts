import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { coresIn } from '../../../../scripts/bench/cores.ts'
import { conclusionOf, setUpInWords } from '../../../../scripts/bench/report.ts'
import { brokenOff, emptyResult } from '../../../../scripts/bench/result.ts'
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
