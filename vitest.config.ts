import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // A promise nobody handled is a defect even when every assertion passed.
    dangerouslyIgnoreUnhandledErrors: false,
    reporters: ['default', ['json', { outputFile: '.reports/vitest.json' }]],
  },
})
