import { expect, test } from 'vitest'

test('a test that expects a regular expression is not content with every string', () => {
  expect(() => expect({ message: 'One.' }).toMatchObject({ message: /Two/ })).toThrow()
  expect({ message: 'One.' }).toMatchObject({ message: /One/ })
})
