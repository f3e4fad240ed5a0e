import { expect, test } from 'vitest'
import { readOptions, scenarioNames } from '../../../../scripts/bench/options.ts'

test('without words all is measured, and quickly only what fits into a minute', () => {
  expect(readOptions([])).toMatchObject({ only: scenarioNames, seconds: 10, rounds: 2, chunkMs: 20, pace: 'paced' })
  expect(readOptions(['--quick'])?.only).not.toContain('soak')
  expect(readOptions(['--quick', '--only', 'soak'])?.only).toEqual(['soak'])
  expect([readOptions([])?.pin, readOptions(['--pin'])?.pin]).toEqual([false, true])
  expect(readOptions(['--help'])).toBeUndefined()
})

test('words say what is measured, and with which settings of the server', () => {
  const words = '--only ramp,keys --calls 5,10 --seconds 3 --chunk-ms 400 --pace burst SPEECH_CACHE=on'.split(' ')
  expect(readOptions(words)).toMatchObject({
    only: ['ramp', 'keys'],
    calls: [5, 10],
    seconds: 3,
    chunkMs: 400,
    pace: 'burst',
    settings: { SPEECH_CACHE: 'on' },
  })
})

test.each([
  ['x'],
  ['--calls', '0'],
  ['--calls', '5,x'],
  ['--calls', '5000'],
  ['--only', 'walk'],
  ['--pace', 'instant'],
  ['--seconds', '1.5'],
  ['--chunk-ms', '30'],
  ['--chunk-ms', '60'],
  ['NO_SETTING=1'],
])('wrong words are refused: %s %s', (...words) => {
  expect(() => readOptions(words)).toThrow(/xpected|is no setting/)
})
