import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Adds to package-lock.json the packages of other platforms that npm left out, as it does when they cannot be looked
 * up or were not installed; `npm ci` refuses such a lock file. To be run after `npm install`. The entries carry no
 * hash, since nothing was fetched: npm adds it where it installs them.
 */

interface Entry {
  version?: string
  optional?: boolean
  dev?: boolean
  devOptional?: boolean
  optionalDependencies?: Record<string, string>
  os?: string[]
  cpu?: string[]
  libc?: string[]
}
interface Lock {
  packages: Record<string, Entry>
}

/** The packages that are named as optional by another and have no entry, as entries. */
export function missingPlatforms(lock: Lock): Record<string, Entry> {
  const missing: Record<string, Entry> = {}
  for (const entry of Object.values(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`
      const platform = platformOf(name)
      if (path in lock.packages || !platform || !/^\d/.test(range)) continue
      missing[path] = { version: range, ...platform, ...(entry.dev ? { dev: true } : {}), optional: true }
    }
  }
  return missing
}

/** What a package is for, read from its name: `…-linux-arm64-musl`, `…-darwin-universal`. */
function platformOf(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> | undefined {
  const words = name.split(/[-/.]/)
  const os = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'windows', 'wasm32'].find((known) =>
    words.includes(known),
  )
  if (os === undefined) return undefined
  const cpu = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64'].find((known) =>
    words.includes(known),
  )
  const musl = words.some((word) => word.startsWith('musl'))
  const gnu = words.some((word) => word.startsWith('gnu')) && os === 'linux'
  if (os === 'wasm32') return { cpu: ['wasm32'] }
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(musl ? { libc: ['musl'] } : gnu ? { libc: ['glibc'] } : {}),
    os: [os === 'windows' ? 'win32' : os],
  }
}

function isLock(value: unknown): value is Lock {
  return typeof value === 'object' && value !== null && 'packages' in value
}

if (import.meta.main) {
  const lock: unknown = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  if (!isLock(lock)) throw new Error('expected package-lock.json to be a lock file of npm 7 or later')
  const missing = missingPlatforms(lock)
  const names = Object.keys({ ...lock.packages, ...missing }).sort((a, b) => a.localeCompare(b, 'en'))
  lock.packages = Object.fromEntries(names.map((name) => [name, lock.packages[name] ?? missing[name] ?? {}]))
  writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`${Object.keys(missing).length} packages of other platforms added`)
}
