import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { secrets } from '../world.ts'

const folder = '.reports/logs'
const files = readdirSync(folder)
const log = files
  .filter((name) => name.endsWith('.log'))
  .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
  .join('\n')
const spoken = files
  .filter((name) => name.endsWith('.spoken'))
  .flatMap((name) => readFileSync(`${folder}/${name}`, 'utf8').trim().split('\n'))
  .map((line) => JSON.parse(line) as string)

test('the run logged enough to be worth reading', () => {
  expect(log.split('\n').length).toBeGreaterThan(100)
  expect(log).toContain('call ended')
  expect(spoken.length).toBeGreaterThan(20)
})

test('no key, token or secret stands in any log line of the run', () => {
  for (const secret of [secrets.authToken, secrets.asyncKey]) expect(log).not.toContain(secret)
  expect(log).not.toMatch(/api_key|x-twilio-signature|authorization/i)
})

test('no phone number stands in any log line of the run', () => {
  expect(log).not.toMatch(/(\+|%2B)\d{7,15}/)
})

test('no spoken text stands in any log line of the run', () => {
  const found = spoken
    .flatMap((text) => text.split(/(?<=[.!?])\s+/))
    .filter((sentence) => sentence.length >= 6 && log.includes(sentence))
  expect(found).toEqual([])
})
