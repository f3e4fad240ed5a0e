import { defineConfig } from 'vitest/config'

// Most tests wait for sockets, so every core gets a worker. Files share a worker's modules: test code keeps nothing in
// them, and sets hooks in test files or with `onTestFinished`, never when it is imported.
const common = {
  pool: 'forks',
  isolate: false,
  setupFiles: 'test/matching.ts',
  // Far more than any test takes: a busy machine is no failure.
  testTimeout: 120_000,
  hookTimeout: 60_000,
} as const

export default defineConfig({
  test: {
    maxWorkers: '100%',
    projects: [
      { test: { ...common, name: 'all', include: ['test/**/*.test.ts'], exclude: ['test/logs/**'] } },
      // Reads what the first project's servers logged; to be run after it.
      { test: { ...common, name: 'logs', include: ['test/logs/*.test.ts'] } },
    ],
  },
})
