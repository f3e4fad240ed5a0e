import { spawnSync } from 'node:child_process'

/**
 * Asks the registry for known vulnerabilities of what is locked, and fails at the level high. A registry that keeps no
 * advisories says nothing about them: that is told, and is no failure.
 */

/** What npm's report says. @param json the output of `npm audit --json` */
export function judgeAudit(json: string): { readonly ok: boolean; readonly words: string } {
  const found = vulnerabilitiesIn(json)
  if (!found) return { ok: true, words: 'audit: NOT CHECKED, the registry could not be asked for advisories' }
  const { high, critical } = found
  return { ok: high + critical === 0, words: `audit: ${high} high, ${critical} critical` }
}

function vulnerabilitiesIn(json: string): { high: number; critical: number } | undefined {
  try {
    const report: unknown = JSON.parse(json)
    const counts = fieldOf(fieldOf(report, 'metadata'), 'vulnerabilities')
    const [high, critical] = [fieldOf(counts, 'high'), fieldOf(counts, 'critical')]
    return typeof high === 'number' && typeof critical === 'number' ? { high, critical } : undefined
  } catch {
    return undefined
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

if (import.meta.main) {
  const { stdout } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8' })
  const { ok, words } = judgeAudit(stdout)
  console.log(words)
  process.exitCode = ok ? 0 : 1
}
