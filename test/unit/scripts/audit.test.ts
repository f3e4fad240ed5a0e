import { expect, test } from 'vitest'
import { judgeAudit } from '../../../scripts/audit.ts'

const report = (high: number, critical: number) =>
  JSON.stringify({ metadata: { vulnerabilities: { info: 0, low: 1, moderate: 3, high, critical, total: 4 } } })

test('vulnerabilities of the levels high and critical fail, lower ones do not', () => {
  expect(judgeAudit(report(0, 0))).toEqual({ ok: true, words: 'audit: 0 high, 0 critical' })
  expect(judgeAudit(report(1, 0)).ok).toBe(false)
  expect(judgeAudit(report(0, 2)).ok).toBe(false)
})

test('a registry that gives no advisories is told of, loudly, and does not count as clean', () => {
  for (const answer of ['', 'Method Not Allowed', '{"message":"405","error":{}}', 'null'])
    expect(judgeAudit(answer)).toEqual({ ok: true, words: expect.stringContaining('NOT CHECKED') as string })
})
