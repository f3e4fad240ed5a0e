import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { logFolder, secrets } from '../world.ts'

const files = existsSync(logFolder) ? readdirSync(logFolder) : []
const contents = (ending: string) =>
  files.filter((name) => name.endsWith(ending)).map((name) => readFileSync(`${logFolder}/${name}`, 'utf8'))
const remembered = (ending: string) =>
  contents(ending).flatMap((content) =>
    content
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as string),
  )
const log = contents('.log').join('\n')
const spoken = remembered('.spoken')
const tokens = remembered('.tokens')

test('the run logged enough to be worth reading (run all other tests before)', () => {
  expect(log.split('\n').length).toBeGreaterThan(100)
  expect(log).toContain('call ended')
  expect(spoken.length).toBeGreaterThan(20)
  expect(tokens.length).toBeGreaterThan(50)
  expect(files.some((name) => name.startsWith('commands-'))).toBe(true)
})

test('no key, token or secret stands in any log line of the run', () => {
  for (const secret of [secrets.authToken, secrets.asyncKey, secrets.deepgramKey]) expect(log).not.toContain(secret)
  expect(log).not.toMatch(/api_key|x-twilio-signature|authorization/i)
})

test('no token that lets a stream into a call stands in any log line of the run', () => {
  expect(tokens.filter((token) => log.includes(token))).toEqual([])
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
