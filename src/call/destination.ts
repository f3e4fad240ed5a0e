import { type CountryCode, type NumberType, parsePhoneNumberFromString, type PhoneNumber } from 'libphonenumber-js/max'
import { BridgeError } from '../errors.ts'
import { phoneNumber } from './phone-number.ts'

/**
 * Whom we may call. Stolen keys are turned into money by dialling premium-rate numbers and far countries, so both are
 * refused before Twilio is asked. No error repeats the number.
 *
 * @param text the number to call, as a person writes it
 * @param allowedCountries ISO 3166 codes
 * @returns E.164
 * @throws BridgeError `number.invalid`, `destination.short-number`, `destination.premium-rate`,
 *   `destination.shared-cost`, `destination.country`
 */
export function destination(text: string, allowedCountries: readonly string[]): string {
  if (isShort(text)) throw shortNumber()
  const to = phoneNumber(text, 'the number to call')
  const parsed = parsePhoneNumberFromString(to)
  if (!parsed) throw shortNumber()
  const type = parsed.getType() ?? overdialledType(to)
  if (type === 'PREMIUM_RATE') {
    throw new BridgeError('destination.premium-rate', 'The number to call is a premium-rate number; none is called.')
  }
  if (type === 'SHARED_COST' || type === 'UAN' || type === 'PAGER' || type === 'PERSONAL_NUMBER') {
    throw new BridgeError('destination.shared-cost', `The number to call is ${kinds[type]}; none is called.`)
  }
  const country = countryOf(parsed)
  if (country === undefined || !allowedCountries.includes(country)) {
    throw new BridgeError(
      'destination.country',
      `The number to call is ${country ? `in ${country}` : 'in no country'}; calls go to ` +
        `${allowedCountries.join(', ') || 'no country'} only. ALLOWED_COUNTRIES says where to.`,
      { details: { country: country ?? null } },
    )
  }
  return to
}

/** The country of one of our own numbers, as an ISO code; undefined when it has none. */
export function countryOfNumber(number: string): string | undefined {
  const parsed = parsePhoneNumberFromString(number)
  return parsed && countryOf(parsed)
}

const kinds = {
  SHARED_COST: 'a shared-cost number',
  UAN: 'a company-wide number (UAN)',
  PAGER: 'a pager',
  PERSONAL_NUMBER: 'a personal number',
} as const

/**
 * Digits behind the end of a number are dialled all the same and mostly ignored: +49 900 with one too many is in no
 * range, and rings the premium-rate number. So a number of no known kind is what its beginning is.
 */
function overdialledType(to: string): NumberType {
  for (let length = to.length - 1; length >= to.length - 4; length--) {
    const type = parsePhoneNumberFromString(to.slice(0, length))?.getType()
    if (type !== undefined) return type
  }
  return undefined
}

/**
 * Where countries share a calling code, a number in nobody's range (+1 555 of the films) counts as the main country's:
 * every other one is known by its ranges.
 */
function countryOf(number: PhoneNumber): CountryCode | undefined {
  if (number.isNonGeographic()) return undefined
  return number.country ?? number.getPossibleCountries()[0]
}

/** National numbers of up to six digits, and what is left of an emergency number behind a country code. */
function isShort(text: string): boolean {
  const number = text.trim().replace(/[\s().-]/g, '')
  if (/^\d{2,6}$/.test(number)) return true
  const parsed = parsePhoneNumberFromString(number.replace(/^00(?=[1-9])/, '+'))
  return parsed !== undefined && parsed.nationalNumber.length <= 5 && !parsed.isValid()
}

function shortNumber(): BridgeError {
  return new BridgeError(
    'destination.short-number',
    'The number to call is a short or emergency number; none is called. Expected a full number such as +15551234567.',
  )
}
