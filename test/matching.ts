import { expect } from 'vitest'

/**
 * Where a test expects a regular expression, a string has to match it. Without this `toMatchObject` compares the two as
 * objects without fields, and is content with every string.
 */
expect.addEqualityTesters([
  (actual, expected) => (expected instanceof RegExp && typeof actual === 'string' ? expected.test(actual) : undefined),
])
