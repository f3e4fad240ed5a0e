import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { phoneNumber } from '../../../src/call/phone-number.ts'

describe('phone numbers', () => {
  test('are read as people write them', () => {
    for (const text of ['+15551234567', ' +1 555 123 4567 ', '+1-(555)-123.4567', '001 555 123 4567'])
      expect(phoneNumber(text, 'the number')).toBe('+15551234567')
    expect(phoneNumber('+49 30 901820', 'the number')).toBe('+4930901820')
  })

  test('are never guessed at, and never repeated in an error', () => {
    for (const text of [
      '',
      '911',
      '5559876543',
      'call me',
      '+',
      '+999999999999',
      '+1555',
      '+1555123456712345678',
      'sip:a@b',
    ]) {
      let message = ''
      try {
        phoneNumber(text, 'the number to call')
      } catch (error) {
        message = inspect(error, { depth: 10 })
      }
      expect(message, text).toContain('number.invalid')
      expect(message).toContain('The number to call')
      if (/\d{4}/.test(text)) expect(message).not.toContain(text)
    }
  })
})
