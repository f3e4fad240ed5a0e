import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { missingPlatforms } from '../../scripts/lock-platforms.ts'

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Parameters<typeof missingPlatforms>[0]

test('the lock file names the packages of every platform (else: node scripts/lock-platforms.ts)', () => {
  expect(Object.keys(lock.packages).length).toBeGreaterThan(200)
  expect(Object.keys(missingPlatforms(lock))).toEqual([])
})

test('a platform’s package that npm left out is found, with what it is for', () => {
  const parent = { version: '1.0.0', dev: true, optionalDependencies: { '@x/binding-linux-arm64-musl': '1.0.0' } }
  expect(missingPlatforms({ packages: { 'node_modules/x': parent } })).toEqual({
    'node_modules/@x/binding-linux-arm64-musl': {
      version: '1.0.0',
      cpu: ['arm64'],
      libc: ['musl'],
      os: ['linux'],
      dev: true,
      optional: true,
    },
  })
})

test('the lock file names no registry', () => {
  expect(Object.values(lock.packages).filter((entry) => 'resolved' in entry)).toEqual([])
})
