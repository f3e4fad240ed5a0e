import { expect, test } from 'vitest'
import { endOf } from '../../../../src/hearing/async/ending.ts'

test.each([
  ['final words and a silent line are the end', { open: false, unchangedMs: 0, silentMs: 300 }, 'end'],
  ['final words amid speech are not', { open: false, unchangedMs: 2400, silentMs: 0 }, undefined],
  ['nor in a breath', { open: false, unchangedMs: 500, silentMs: 280 }, undefined],
  ['on a line that is never silent they are in time', { open: false, unchangedMs: 2500, silentMs: 0 }, 'end'],
  ['words that may change are given time in the silence', { open: true, unchangedMs: 980, silentMs: 2000 }, undefined],
  ['and then asked for', { open: true, unchangedMs: 1000, silentMs: 300 }, 'ask'],
  ['not while somebody speaks', { open: true, unchangedMs: 2400, silentMs: 100 }, undefined],
  ['but on a line that is never silent', { open: true, unchangedMs: 2500, silentMs: 0 }, 'ask'],
] as const)('%s', (_rule, course, end) => {
  expect(endOf(course)).toBe(end)
})
