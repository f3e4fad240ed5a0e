import type { Exchange } from '../exchange.ts'
import { accepted, type Checked, type Form, refused } from './form.ts'

const e164 = /^\+[1-9]\d{6,14}$/
const address = /^(sip|client):\S+$/

/** Whom to call, and as whom; refused with Twilio's own codes where the account may not. */
export function checkNumbers(exchange: Exchange, form: Form): Checked<{ to: string; from: string }> {
  const { account, behaviour } = exchange
  const to = form.one('To')
  const from = form.one('From')
  if (to === undefined) return refused(21_201, "No 'To' number is specified")
  if (from === undefined) return refused(21_213, "No 'From' number is specified")
  if (!e164.test(to) && !address.test(to))
    return refused(21_211, `The phone number you are attempting to call, ${to}, is not valid.`)
  if (!e164.test(from) && !address.test(from))
    return refused(21_212, `The From phone number ${from} is not a valid, E.164-formatted phone number`)
  if (to === from) return refused(21_211, "'To' and 'From' must be different numbers")
  const owned = account.numbers.includes(from) || behaviour.verifiedNumbers.includes(from) || address.test(from)
  if (!owned) return refused(21_210, `The source phone number provided, ${from}, is not yet verified for your account.`)
  if (behaviour.trial && !behaviour.verifiedNumbers.includes(to))
    return refused(21_219, `The number ${to} is unverified. Trial accounts may only make calls to verified numbers.`)
  if (behaviour.blockedNumbers.some((blocked) => to.startsWith(blocked)))
    return refused(21_216, `Account not allowed to call ${to}`)
  if (behaviour.unreachableNumbers.some((prefix) => to.startsWith(prefix)))
    return refused(21_214, `The phone number ${to} cannot be reached`)
  const permissions = behaviour.geoPermissions
  if (permissions !== 'all' && e164.test(to) && !permissions.some((prefix) => to.startsWith(prefix)))
    return refused(
      21_215,
      `Account not authorized to call ${to}. Perhaps you need to enable some international permissions.`,
    )
  return accepted({ to, from })
}
