import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { countryOfNumber, destination } from '../../../src/call/destination.ts'
import { asBridgeError } from '../../../src/errors.ts'

const everywhere = ['US', 'CA', 'GB', 'DE', 'IT', 'FR', 'JM', 'DO']

function refusal(text: string, countries: readonly string[] = everywhere) {
  try {
    return destination(text, countries)
  } catch (thrown) {
    const error = asBridgeError(thrown)
    // Whatever is refused, its digits are not repeated.
    const digits = text.replace(/\D/g, '')
    if (digits.length > 6) expect(inspect(error, { depth: 10 })).not.toContain(digits)
    return error.code
  }
}

describe('whom we may call', () => {
  test('numbers of allowed countries, as people write them, become E.164', () => {
    expect(destination('+1 (202) 456-1111', ['US'])).toBe('+12024561111')
    expect(destination('0049 30 901820', ['DE'])).toBe('+4930901820')
    expect(destination('+44 20 7946 0018', ['GB'])).toBe('+442079460018')
  })

  test('the fictional numbers of films can be called: they are no country’s in particular', () => {
    for (const number of ['+15551234567', '+15551230001', '+15550100000']) {
      expect(destination(number, ['US'])).toBe(number)
      expect(refusal(number, ['DE'])).toBe('destination.country')
    }
  })

  test('other countries are refused, also those that share our calling code', () => {
    for (const number of ['+493090182000', '+18765551234', '+18095551234', '+15195551234', '+12424567890'])
      expect(refusal(number, ['US']), number).toBe('destination.country')
    expect(refusal('+77012345678', ['RU'])).toBe('destination.country')
    expect(refusal('+447911123456', [])).toBe('destination.country')
  })

  test('satellite and other numbers without a country are refused, whatever is allowed', () => {
    for (const number of ['+881612345678', '+88213123456', '+870773123456'])
      expect(refusal(number), number).toBe('destination.country')
  })

  test('premium-rate numbers', () => {
    for (const number of ['+19005551234', '+449098790123', '+4990012345678', '+33899123456', '+979123456789'])
      expect(refusal(number), number).toBe('destination.premium-rate')
  })

  test('digits dialled beyond the end of such a number do not hide it', () => {
    for (const number of ['+4990012345678', '+490900123456789', '+3389912345678', '+44909879012345'])
      expect(['destination.premium-rate', 'number.invalid']).toContain(refusal(number))
    expect(refusal('+4990012345678')).toBe('destination.premium-rate')
    expect(refusal('+49180123456789')).toBe('destination.shared-cost')
  })

  test('shared-cost, company-wide, pager and personal numbers', () => {
    for (const number of ['+491801234567', '+443301234567', '+447640123456', '+447012345678', '+80812345678'])
      expect(refusal(number), number).toBe('destination.shared-cost')
  })

  test('short and emergency numbers, with and without a country code', () => {
    for (const number of [
      '911',
      '112',
      '999',
      '110',
      '12345',
      '722255',
      '+1911',
      '+1 911',
      '+49112',
      '+44999',
      '0033 112',
    ])
      expect(refusal(number), number).toBe('destination.short-number')
  })

  test('short real numbers of small countries are no short numbers', () => {
    expect(destination('+29022222', ['SH'])).toBe('+29022222')
    expect(destination('+6834002', ['NU'])).toBe('+6834002')
  })

  test('what is no number is refused as that', () => {
    const deep = '+1'.repeat(10_000)
    for (const text of [
      '',
      'call me',
      '5559876543',
      '+',
      '+15551234567890123',
      'sip:a@b',
      'client:joe',
      '\u0000',
      deep,
    ])
      expect(refusal(text), text.slice(0, 30)).toBe('number.invalid')
    // Twilio would dial digits behind a comma; nothing of the kind gets through.
    for (const text of ['+15551234567,,1', '+15551234567;ext=1', '+15551234567w1'])
      expect(['+15551234567', 'number.invalid']).toContain(refusal(text))
  })

  test('toll-free and mobile numbers may be called', () => {
    expect(destination('+18005551234', ['US'])).toBe('+18005551234')
    expect(destination('+4915112345678', ['DE'])).toBe('+4915112345678')
  })
})

test('the country of our own number, real or Twilio’s for tests', () => {
  expect(countryOfNumber('+15005550006')).toBe('US')
  expect(countryOfNumber('+15551234567')).toBe('US')
  expect(countryOfNumber('+4930901820')).toBe('DE')
  expect(countryOfNumber('nonsense')).toBeUndefined()
})
