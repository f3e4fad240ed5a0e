import { defineConfig } from 'vitest/config'

const common = { pool: 'forks', testTimeout: 30_000, hookTimeout: 30_000 } as const

export default defineConfig({
  test: {
    projects: [
      { test: { ...common, name: 'all', include: ['test/**/*.test.ts'], exclude: ['test/logs/**'] } },
      // Reads what the first project's servers logged; to be run after it.
      { test: { ...common, name: 'logs', include: ['test/logs/*.test.ts'] } },
    ],
  },
})
