import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { BridgeError } from '../errors.ts'

/**
 * A phone number as E.164 (`+15551234567`). Spaces, dashes and brackets are taken out; a national number is not
 * guessed at, because a wrong guess rings a stranger.
 *
 * @param what how the message names it: `the number to call`
 * @throws BridgeError `number.invalid`, which does not repeat the number
 */
export function phoneNumber(text: string, what: string): string {
  const international = text.trim().replace(/^00(?=[1-9])/, '+')
  if (!international.startsWith('+'))
    throw invalid(what, `must begin with + and the country code, as in +15551234567; ${text.length} characters came`)
  const parsed = parsePhoneNumberFromString(international)
  if (!parsed) throw invalid(what, `cannot be read as a phone number; ${text.length} characters came`)
  if (!parsed.isPossible())
    throw invalid(what, `has the wrong length for its country code +${parsed.countryCallingCode}`)
  return parsed.number
}

function invalid(what: string, problem: string): BridgeError {
  return new BridgeError('number.invalid', `${what[0]?.toUpperCase()}${what.slice(1)} ${problem}.`)
}
