import { phoneNumber } from '../call/phone-number.ts'

/** What is wrong with the parameters of the menu; undefined: nothing. A caller would be the first to notice. */
export function whyNotMenu({ operator = '', timeZone }: Readonly<Record<string, string>>): string | undefined {
  if (timeZone !== undefined && !isTimeZone(timeZone))
    return 'The parameter timeZone: expected the name of a time zone, such as Europe/Berlin.'
  if (operator !== '' && !isNumber(operator))
    return 'The parameter operator: expected a phone number with its country code, such as +15551234567.'
  return undefined
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function isNumber(text: string): boolean {
  try {
    phoneNumber(text, 'the operator')
    return true
  } catch {
    return false
  }
}
