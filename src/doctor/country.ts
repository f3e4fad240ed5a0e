import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/max'

/** The country of a number in E.164 (ISO 3166, two letters): where a code has several and the number fits none, the first. */
export function countryOf(number: string): string | undefined {
  const parsed = parsePhoneNumberFromString(number)
  if (!parsed) return undefined
  if (parsed.country) return parsed.country
  const ofCode = getCountries().filter((country) => getCountryCallingCode(country) === parsed.countryCallingCode)
  return ofCode.includes('US') ? 'US' : ofCode[0]
}
