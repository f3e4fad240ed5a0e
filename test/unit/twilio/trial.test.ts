import { expect, test } from 'vitest'
import { isSignedTrial, signTrial } from '../../../src/twilio/trial.ts'

const token = '5ec2e70000000000000000000a07470c'
const nowMs = 1_700_000_000_000

test('a mark made with the token counts, for a minute', () => {
  const mark = signTrial(token, nowMs)
  expect(mark).not.toContain(token)
  for (const laterMs of [0, 59_000]) expect(isSignedTrial([token], mark, nowMs + laterMs)).toBe(true)
  expect(isSignedTrial(['another', token], mark, nowMs)).toBe(true)
  for (const laterMs of [61_000, -61_000, 3_600_000]) expect(isSignedTrial([token], mark, nowMs + laterMs)).toBe(false)
})

test('without the token there is no mark, and garbage is none', () => {
  const [, hex = ''] = signTrial(token, nowMs).split('.')
  for (const mark of [
    undefined,
    '',
    '.',
    `${nowMs}`,
    `${nowMs}.`,
    `${nowMs + 1}.${hex}`,
    `${nowMs}.${hex.slice(2)}`,
    `${nowMs}.${hex.toUpperCase()}`,
    `-1.${hex}`,
    signTrial('another', nowMs),
    signTrial('', nowMs),
    [signTrial(token, nowMs)],
    'x'.repeat(100_000),
  ])
    expect(isSignedTrial([token, ''], mark, nowMs)).toBe(false)
})
