import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { documentedBehaviour } from '../../../../src/simulator/deepgram/behaviour.ts'
import type { FaultCode } from '../../../../src/simulator/deepgram/client-messages.ts'
import { type FatalCode, fatalClose, fatalCodes } from '../../../../src/simulator/deepgram/closes.ts'
import { type Happening, oddFrameNames } from '../../../../src/simulator/deepgram/incidents.ts'
import { type ErrorCode, refusal } from '../../../../src/simulator/deepgram/refusals.ts'

const page = readFileSync(new URL('../../../../docs/simulator-deepgram.md', import.meta.url), 'utf8')

/** From a heading to the next one. */
function section(heading: string): string {
  const from = page.indexOf(`## ${heading}\n`)
  expect(from).toBeGreaterThan(0)
  return page.slice(from, page.indexOf('\n## ', from + 1))
}

test('the page lists every behaviour with its default, and no other', () => {
  const found = section('Behaviour').matchAll(/^\| `(\w+)` +\| (.*?) +\| (.*?) *\|$/gm)
  const rows = new Map([...found].map((row) => [row[1] ?? '', row[2] ?? '']))
  expect([...rows.keys()]).toEqual(Object.keys(documentedBehaviour))
  for (const [name, value] of Object.entries(documentedBehaviour)) {
    if (typeof value === 'string') expect(rows.get(name)).toContain(`\`'${value}'\``)
    else if (typeof value !== 'object' && value !== undefined)
      expect(rows.get(name)?.replaceAll('_', '')).toContain(`\`${value}\``)
  }
})

test('the page lists every documented end of a socket with its close code, and no other', () => {
  const rows = [...section('The websocket').matchAll(/^\| (\d+) `([A-Z]+-\d+)`/gm)].map((row) => [row[2], row[1]])
  const real = fatalCodes.map((code) => [code, String(fatalClose(code as FatalCode, 'code').code)])
  expect(rows.toSorted()).toEqual(real.toSorted())
})

test('the page lists every incident and every odd frame, and no other', () => {
  const every: Record<Happening['kind'], true> = {
    fatal: true,
    error: true,
    warning: true,
    lose: true,
    frame: true,
    drop: true,
    close: true,
    stuck: true,
    stall: true,
    freeze: true,
    refuse: true,
  }
  const incidents = section('Incidents')
  const kinds = [...incidents.matchAll(/^\| `\{ kind: '(\w+)'/gm)].map((row) => row[1])
  expect(kinds).toEqual(Object.keys(every))
  const odd = incidents.slice(incidents.indexOf('Odd frames:'), incidents.indexOf('At a `request`'))
  const names = [...odd.matchAll(/`([a-z-]+)`/g)].map((found) => found[1] ?? '').filter((name) => name !== 'bytes')
  expect(names).toEqual(oddFrameNames)
})

test('the page lists every fault, and no other', () => {
  const every: Record<FaultCode, true> = {
    'bad-key': true,
    'unknown-path': true,
    'unknown-parameter': true,
    'bad-parameter': true,
    binary: true,
    'not-json': true,
    'too-large': true,
    'unknown-message': true,
    'missing-field': true,
    'wrong-type': true,
    'unknown-field': true,
    'empty-text': true,
    'too-many-characters': true,
    'characters-per-minute': true,
    'excessive-flush': true,
    'after-close': true,
    'bad-media-type': true,
  }
  const seen = section('What a test can see')
  const faults = seen.slice(seen.indexOf('- `faults`'), seen.indexOf('- `requests`'))
  const names = [...faults.matchAll(/`([a-z-]+)`/g)].map((found) => found[1]).filter((name) => name !== 'faults')
  expect(names.filter((name) => name !== 'ok')).toEqual(Object.keys(every))
})

test('the page lists the status of every refusal over HTTP', () => {
  const rows = [...section('Over HTTP').matchAll(/^\| (\d{3}) \| (.*?) \|/gm)]
  const codes = rows.flatMap((row) =>
    [...(row[2] ?? '').matchAll(/`(.+?)`/g)].map((found) => [found[1] ?? '', Number(row[1])] as const),
  )
  expect(codes).toHaveLength(10)
  for (const [code, status] of codes) expect(refusal({ code: code as ErrorCode }, '').status).toBe(status)
})
